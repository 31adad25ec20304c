/* String resources: ids by schema, $(string.X), what an .rc file needs escaped, the order of the legacy files. */
#include "harness.h"
#include "run_generator.h"

#include <string.h>

#define RAW "type=\"perf_counter_rawcount\" detailLevel=\"standard\""

/* The lines of an output from one that starts with `from` to the end. */
static const char *lines_from(const struct generated *generated, const char *path, const char *from)
{
    const char *found = strstr(generated_text(generated, path), from);
    ck_assert_msg(found != NULL, "no %s in %s", from, generated_text(generated, path));
    return found;
}

static struct generated accept(const char *manifest, const char *arguments)
{
    struct generated generated = generate_text(manifest, arguments);
    ck_assert_str_eq(generated.messages, "");
    return generated;
}

static const char two_sets[] =
    "<counterSet symbol='S1' guid='{66666666-7777-8888-9999-000000000001}' uri='s1' name='First' description='First set'>"
    "<counter id='1' uri='c1' name='One' description='Number one' " RAW "/>"
    "<counter id='2' uri='c2' " RAW "><counterAttributes><counterAttribute name='noDisplay'/></counterAttributes></counter>"
    "<counter id='3' uri='c3' name='Three' description='' " RAW "/></counterSet>"
    "<counterSet symbol='S2' guid='{66666666-7777-8888-9999-000000000002}' uri='s2' name='Second' description='Second set'>"
    "<counter id='1' uri='c4' name='One' description='Number one' " RAW "/></counterSet>";

START_TEST(numbered_ids)
{
    struct arena arena = {NULL};
    struct generated generated = accept(manifest_with(&arena, two_sets), "-rc o.rc");
    const char *text = generated_text(&generated, "o.rc");
    ck_assert_ptr_nonnull(strstr(text, "#pragma code_page(65001)\n"));
    ck_assert_str_eq(lines_from(&generated, "o.rc", "STRINGTABLE"), "STRINGTABLE\nBEGIN\n"
                                                                    "    1 \"First\"\n"
                                                                    "    2 \"First\" // {Locked} not to be translated\n"
                                                                    "    3 \"First set\"\n"
                                                                    "    5 \"One\"\n"
                                                                    "    6 \"One\" // {Locked} not to be translated\n"
                                                                    "    7 \"Number one\"\n"
                                                                    "    13 \"Three\"\n"
                                                                    "    14 \"Three\" // {Locked} not to be translated\n"
                                                                    "    17 \"Second\"\n"
                                                                    "    18 \"Second\" // {Locked} not to be translated\n"
                                                                    "    19 \"Second set\"\n"
                                                                    "    21 \"One\"\n"
                                                                    "    22 \"One\" // {Locked} not to be translated\n"
                                                                    "    23 \"Number one\"\n"
                                                                    "END\n");
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

START_TEST(ids_from_resource_base)
{
    struct arena arena = {NULL};
    struct generated generated =
        accept(manifest_of(&arena, "schemaVersion='1.1'", "symbol='Test' resourceBase='0x3E8'", two_sets), "-rc o.rc");
    const char *text = lines_from(&generated, "o.rc", "BEGIN\n");
    ck_assert_int_eq(strncmp(text, "BEGIN\n    1001 \"First\"\n    1002 \"First\" //", 42), 0);
    ck_assert_ptr_nonnull(strstr(text, "    1023 \"Number one\"\nEND\n"));
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

static const char given_ids[] =
    "<counterSet symbol='S1' guid='{66666666-7777-8888-9999-000000000001}' uri='s1' name='First' nameID='300' description='It' "
    "descriptionID='0x10'>"
    "<counter id='1' uri='c1' name='One' nameID='65535' description='It' descriptionID='16' " RAW "/>"
    "<counter id='2' uri='c2' " RAW "><counterAttributes><counterAttribute name='noDisplay'/></counterAttributes></counter>"
    "</counterSet>";

START_TEST(ids_of_schema_2)
{
    struct arena arena = {NULL};
    struct generated generated = accept(manifest_of(&arena, "schemaVersion='2.0'", "symbol='Test'", given_ids), "-rc o.rc");
    ck_assert_str_eq(lines_from(&generated, "o.rc", "STRINGTABLE"), "STRINGTABLE\nBEGIN\n"
                                                                    "    16 \"It\"\n"
                                                                    "    300 \"First\"\n"
                                                                    "    65535 \"One\"\n"
                                                                    "END\n");
    generated_free(&generated);
    generated = accept(manifest_of(&arena, "schemaVersion='2.0'", "", given_ids), "-legacy");
    ck_assert_str_eq(lines_from(&generated, "test_r.h", "#define"), "#define IDS_test_65535 65535\n"
                                                                    "#define IDS_test_00016 16\n"
                                                                    "#define IDS_test_00300 300\n");
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

START_TEST(wrong_ids_of_schema_2)
{
    struct arena arena = {NULL};
    const char *counter =
        "<counterSet symbol='S1' guid='{66666666-7777-8888-9999-000000000001}' uri='s1' name='First' nameID='300' "
        "description='It' descriptionID='301'>\n<counter id='1' uri='c1' name='One' nameID='%s' description='Other' "
        "descriptionID='%s' " RAW "/></counterSet>";
    struct generated generated = generate_text(
        manifest_of(&arena, "schemaVersion='2.0'", "symbol='Test'", arena_format(&arena, counter, "301", "65536")), "-rc o.rc");
    ck_assert_str_eq(generated.messages,
                     "test.man:5: error: resource id 65536, expected at most 65535, the last id of string tables\n"
                     "test.man:5: error: resource id 301 for a second text, line 4 has it already, expected an id of its own\n");
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

/* A Vista-era manifest, its texts in string tables of two cultures. */
static const char with_strings[] =
    "<instrumentationManifest><instrumentation><counters>"
    "<provider providerGuid='{11111111-2222-3333-4444-555555555555}' applicationIdentity='t.exe'>"
    "<counterSet guid='{66666666-7777-8888-9999-aaaaaaaaaaaa}' uri='s' name='$(string.Set.name)' description='About $(string.a) "
    "and "
    "$(string.b)$(other.c)$(string.'>\n"
    "<counter id='1' uri='c' name='%s' description='Plain' " RAW "/></counterSet></provider></counters></instrumentation>"
    "<localization><resources culture='de-DE'><stringTable><string id='Set.name' value='Satz'/><string id='a' value='eins'/>"
    "<string id='b' value='zwei'/><string id='only' value='nur'/></stringTable></resources>"
    "<resources culture='en-US'>`<stringTable><string id='Set.name' value='A &quot;set&quot;'/><string id='a' value='one'/>"
    "</stringTable><stringTable><string id='b' value='$(string.a)'/></stringTable></resources></localization>"
    "</instrumentationManifest>";

START_TEST(references_to_strings)
{
    struct arena arena = {NULL};
    struct generated generated = accept(arena_format(&arena, with_strings, "$(string.only)"), "-legacy");
    ck_assert_str_eq(lines_from(&generated, "test.rc", "BEGIN"),
                     "BEGIN\n"
                     "    IDS_test_00007 \"Plain\"\n"
                     "    IDS_test_00005 \"nur\"\n"
                     "    IDS_test_00006 \"nur\" // {Locked} not to be translated\n"
                     "    IDS_test_00003 \"About one and $(string.a)$(other.c)$(string.\"\n"
                     "    IDS_test_00001 \"A \"\"set\"\"\"\n"
                     "    IDS_test_00002 \"A \"\"set\"\"\" // {Locked} not to be translated\n"
                     "END\n");
    generated_free(&generated);
    generated = generate_text(arena_format(&arena, with_strings, "$(string.none)"), "-legacy");
    ck_assert_str_eq(generated.messages,
                     "test.man:2: error: no string \"none\" in the manifest, expected one with that id in a stringTable\n");
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

/* Without any string table the references are texts like others. */
START_TEST(references_without_strings)
{
    struct arena arena = {NULL};
    struct generated generated = accept(
        manifest_with_counters(&arena, "<counter id='1' uri='c' name='$(string.x)' description='D' " RAW "/>"), "-rc o.rc -ch o.h");
    ck_assert_ptr_nonnull(strstr(generated_text(&generated, "o.rc"), "    5 \"$(string.x)\"\n"));
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

START_TEST(escapes)
{
    struct arena arena = {NULL};
    struct generated generated =
        accept(manifest_with(
                   &arena,
                   "<counterSet symbol='S' guid='{66666666-7777-8888-9999-000000000001}' uri='s' "
                   "name='\"q\" \\ ?\?/ \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80&#x85; %d' description='a\tb&#10;c&#13;d&#9;*/ // \\n'>"
                   "<counter id='1' uri='c' name='N' description='D' " RAW "/></counterSet>"),
               "-rc o.rc -ch o.h");
    ck_assert_ptr_nonnull(strstr(generated_text(&generated, "o.rc"),
                                 "    1 \"\"\"q\"\" \\\\ ?\?/ \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xC2\x85 %d\"\n"));
    ck_assert_ptr_nonnull(strstr(generated_text(&generated, "o.rc"), "    3 \"a b\\nc\\rd\\t*/ // \\\\n\"\n"));
    ck_assert_ptr_nonnull(strstr(generated_text(&generated, "o.h"),
                                 "#define S_NAME PERFPOOL_CTRPP_UTF16("
                                 "\"\\\"q\\\" \\\\ \\?\\?/ \\u00E9\\u20AC\\U0001F600\\205 %d\")\n"));
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("strings");
    TCase *tests = tcase_create("strings");
    tcase_add_test(tests, numbered_ids);
    tcase_add_test(tests, ids_from_resource_base);
    tcase_add_test(tests, ids_of_schema_2);
    tcase_add_test(tests, wrong_ids_of_schema_2);
    tcase_add_test(tests, references_to_strings);
    tcase_add_test(tests, references_without_strings);
    tcase_add_test(tests, escapes);
    suite_add_tcase(suite, tests);
    return suite;
}
