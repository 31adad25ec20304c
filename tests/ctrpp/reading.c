/* What the reader accepts: encodings, namespaces, the forms of numbers, what it leaves out, and the lines it tells. */
#include "harness.h"
#include "run_generator.h"

#include <string.h>

#define COUNTER                                                                                          \
    "<counter symbol=\"A\" id=\"1\" uri=\"u1\" name=\"N\xC3\xA4me \xF0\x9F\x98\x80\" description=\"D\" " \
    "type=\"perf_counter_rawcount\" "                                                                    \
    "detailLevel=\"standard\"/>"

/* Fails unless the manifest is accepted without a message; the caller frees the result. */
static struct generated accept_bytes(const char *bytes, size_t size, const char *arguments)
{
    struct generated generated = generate_from(bytes, size, arguments);
    ck_assert_str_eq(generated.messages, "");
    return generated;
}

static struct generated accept(const char *manifest, const char *arguments)
{
    return accept_bytes(manifest, strlen(manifest), arguments);
}

/* The text in UTF-16 with or without a byte order mark; its size is set. */
static char *to_utf16(struct arena *arena, const char *text, bool big_endian, bool mark, size_t *size)
{
    char *bytes = arena_allocate(arena, 2 * strlen(text) + 4);
    size_t n = 0;
    uint32_t point = 0xFEFF;
    for (bool first = true; first || *text != '\0'; first = false) {
        if (first && !mark)
            continue;
        point = first ? point : utf8_next(&text);
        uint32_t units[2] = {point, 0};
        if (point > 0xFFFF) {
            units[0] = 0xD800 + ((point - 0x10000) >> 10);
            units[1] = 0xDC00 + ((point - 0x10000) & 0x3FF);
        }
        for (int i = 0; i < (point > 0xFFFF ? 2 : 1); i++) {
            bytes[n++] = (char)(big_endian ? units[i] >> 8 : units[i]);
            bytes[n++] = (char)(big_endian ? units[i] : units[i] >> 8);
        }
    }
    *size = n;
    return bytes;
}

START_TEST(utf16_of_all_kinds)
{
    static const char *const declarations[] = {"", "<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
                                               "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n"};
    struct arena arena = {NULL};
    const char *manifest = manifest_with_counters(&arena, COUNTER);
    struct generated plain = accept(manifest, "-o o.h -rc o.rc");
    ck_assert_ptr_nonnull(strstr(generated_text(&plain, "o.rc"), "5 \"N\xC3\xA4me \xF0\x9F\x98\x80\"\n"));
    for (int i = 0; i < 12; i++) {
        size_t size;
        const char *text = arena_format(&arena, "%s%s", declarations[i / 4], manifest);
        char *bytes = to_utf16(&arena, text, (i & 1) != 0, (i & 2) != 0, &size);
        struct generated generated = accept_bytes(bytes, size, "-o o.h -rc o.rc");
        ck_assert_str_eq(generated_text(&generated, "o.h"), generated_text(&plain, "o.h"));
        ck_assert_str_eq(generated_text(&generated, "o.rc"), generated_text(&plain, "o.rc"));
        generated_free(&generated);
    }
    generated_free(&plain);
    arena_free(&arena);
}
END_TEST

START_TEST(lines_in_utf16)
{
    struct arena arena = {NULL};
    const char *manifest =
        manifest_with_counters(&arena, "<counter id=\"1\" uri='u'\r\n\xE4\xB8\x80=\"1\"\n name=\"N\" description=\"D\" "
                                       "type=\"perf_counter_rawcount\" \n\n detailLevel=\"s\"/>");
    for (int i = 0; i < 5; i++) {
        size_t size = strlen(manifest);
        const char *bytes = i == 4 ? manifest : to_utf16(&arena, manifest, (i & 1) != 0, (i & 2) != 0, &size);
        struct generated generated = generate_from(bytes, size, "");
        ck_assert_uint_eq(generated.errors, 2);
        ck_assert_ptr_nonnull(strstr(generated.messages, "test.man:6: error: unknown attribute \"\xE4\xB8\x80\" of counter"));
        ck_assert_ptr_nonnull(strstr(generated.messages, "test.man:9: error: detailLevel of counter is \"s\""));
        generated_free(&generated);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(other_encodings)
{
    static const struct {
        const char *declaration, *name, *wanted;
    } encodings[] = {
        {"\xEF\xBB\xBF", "N\xC3\xA4me", "N\xC3\xA4me"},
        {"<?xml version='1.0' encoding='utf-8'?>", "N\xC3\xA4me", "N\xC3\xA4me"},
        {"\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-8'?>", "N\xC3\xA4me", "N\xC3\xA4me"},
        {"<?xml version='1.0' encoding='UTF-16'?>", "N\xC3\xA4me", "N\xC3\xA4me"},
        {"<?xml version='1.0' encoding='iso-8859-1'?>", "N\xE4me", "N\xC3\xA4me"},
        {"<?xml version='1.0' encoding='Windows-1252'?>", "N\xE4me \x80", "N\xC3\xA4me \xE2\x82\xAC"},
        {"<?xml version='1.0' encoding='us-ascii'?>", "N&#228;me", "N\xC3\xA4me"},
    };
    struct arena arena = {NULL};
    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        const char *counter = "<counter id=\"1\" uri=\"u\" name=\"%s\" description=\"D\" type=\"perf_counter_rawcount\" "
                              "detailLevel=\"standard\"/>";
        const char *manifest = manifest_with_counters(&arena, arena_format(&arena, counter, encodings[i].name));
        struct generated generated = accept(arena_format(&arena, "%s%s", encodings[i].declaration, manifest), "-rc o.rc");
        ck_assert_ptr_nonnull(strstr(generated_text(&generated, "o.rc"), arena_format(&arena, "5 \"%s\"\n", encodings[i].wanted)));
        generated_free(&generated);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(bytes_that_are_no_text)
{
    struct arena arena = {NULL};
    static const char *const declarations[] = {"<?xml version='1.0' encoding='windows-1252'?>",
                                               "<?xml version='1.0' encoding='koi8-r'?>", ""};
    for (int i = 0; i < 3; i++) {
        const char *manifest = arena_format(&arena, "%s%s", declarations[i], manifest_with_counters(&arena, "<!-- \x81 -->"));
        struct generated generated = generate_text(manifest, "");
        ck_assert_uint_eq(generated.errors, 1);
        ck_assert_ptr_nonnull(strstr(generated.messages, "error: the text is not well-formed XML ("));
        generated_free(&generated);
    }
    arena_free(&arena);
}
END_TEST

/* Namespaces by prefix, none at all, and things of others in between. */
START_TEST(namespaces)
{
    struct arena arena = {NULL};
    struct generated plain = accept(manifest_with_counters(&arena, COUNTER), "-o o.h -rc o.rc");
    const char *prefixed =
        "<i:instrumentationManifest xmlns:i='http://schemas.microsoft.com/win/2004/08/events' xmlns:x='urn:x' x:note='1'>"
        "<x:any><instrumentation/></x:any><i:metadata/><i:instrumentation><i:events><provider/></i:events>"
        "<c:counters xmlns:c='http://schemas.microsoft.com/win/2005/12/counters' schemaVersion='1.1' x:note='2'>"
        "<c:provider symbol='Test' providerGuid='{11111111-2222-3333-4444-555555555555}' applicationIdentity='t.exe' x:symbol='No'>"
        "<x:counterSet/><!-- <c:counterSet/> --><?any thing?>"
        "<c:counterSet symbol='Set' guid='{66666666-7777-8888-9999-aaaaaaaaaaaa}' uri='Set' name='A set' description='What it is'>"
        "<x:counter><c:counter/></x:counter>"
        "<c:counter symbol='A' id='1' uri='u1' name='N\xC3\xA4me \xF0\x9F\x98\x80' description='D' type='perf_counter_rawcount' "
        "detailLevel='standard'><x:more a='b'/>text</c:counter></c:counterSet></c:provider></c:counters></i:instrumentation>"
        "</i:instrumentationManifest>";
    struct generated generated = accept(prefixed, "-o o.h -rc o.rc");
    ck_assert_str_eq(generated_text(&generated, "o.h"), generated_text(&plain, "o.h"));
    ck_assert_str_eq(generated_text(&generated, "o.rc"), generated_text(&plain, "o.rc"));
    generated_free(&generated);
    generated_free(&plain);
    arena_free(&arena);
}
END_TEST

/* An attribute that is written with the counters' own namespace is none of the schema's. */
START_TEST(qualified_attribute)
{
    struct arena arena = {NULL};
    struct generated generated = generate_text(
        manifest_with_counters(&arena,
                               "<counter xmlns:c='http://schemas.microsoft.com/win/2005/12/counters' c:id=\"1\" id='2' uri=\"u\" "
                               "name=\"N\" description=\"D\" type=\"perf_counter_rawcount\" detailLevel=\"standard\"/>"),
        "");
    ck_assert_uint_eq(generated.errors, 1);
    ck_assert_ptr_nonnull(
        strstr(generated.messages,
               "test.man:5: error: unknown attribute \"http://schemas.microsoft.com/win/2005/12/counters:id\" of counter"));
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

START_TEST(forms_of_values)
{
    struct arena arena = {NULL};
    struct generated generated = accept(
        manifest_with_counters(
            &arena,
            "<structs><struct name='S' type='T'>text</struct></structs>"
            "<counter symbol='' id=' 0x0A ' uri='u1' name='N' description='D' type='perf_counter_rawcount' detailLevel='standard' "
            "defaultScale=' +3 ' struct='S' field='F'/>"
            "<counter symbol='B' id='0XffFFffFF' uri='u2' description='' name='M' type='perf_counter_rawcount' "
            "detailLevel='advanced' defaultScale='-0'/>"
            "<counter symbol='C' id='0' uri='u3' type='perf_counter_rawcount' detailLevel='advanced' defaultScale='-10'>"
            "<counterAttributes><counterAttribute name='noDisplay'/></counterAttributes></counter>"),
        "-o o.h");
    const char *code = generated_text(&generated, "o.h");
    ck_assert_ptr_nonnull(strstr(code, "{10, PERF_COUNTER_RAWCOUNT, 0, sizeof(ULONG), PERF_DETAIL_NOVICE, 3, 0},"));
    ck_assert_ptr_nonnull(strstr(code, "{4294967295u, PERF_COUNTER_RAWCOUNT, 0, sizeof(ULONG), PERF_DETAIL_ADVANCED, 0, 0},"));
    ck_assert_ptr_nonnull(
        strstr(code, "{0, PERF_COUNTER_RAWCOUNT, PERF_ATTRIB_NO_DISPLAYABLE, sizeof(ULONG), PERF_DETAIL_ADVANCED, -10, 0},"));
    ck_assert_ptr_nonnull(strstr(code, "#define B (4294967295u)\n"));
    ck_assert_ptr_null(strstr(code, "(10)"));
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

/* Schema 1.0 and 1.1 without symbols are for the legacy files only; without outputs, 1.0 passes. */
START_TEST(symbols_by_schema)
{
    struct arena arena = {NULL};
    const char *set =
        "<counterSet guid=\"{66666666-7777-8888-9999-aaaaaaaaaaaa}\" uri=\"Set\" name=\"A set\" description=\"It\">" COUNTER
        "</counterSet>";
    static const struct {
        const char *head, *arguments;
        size_t errors;
    } cases[] = {
        {"", "", 0},
        {"", "-legacy", 0},
        {"", "-o o.h", 2},
        {"", "-rc o.rc", 2},
        {"", "-ch o.h", 2},
        {"schemaVersion='1.0'", "", 0},
        {"schemaVersion='1.0'", "-legacy", 0},
        {"schemaVersion='1.0'", "-o o.h", 2},
        {"schemaVersion='1.1'", "", 2},
        {"schemaVersion='1.1'", "-legacy", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct generated generated = generate_text(manifest_of(&arena, cases[i].head, "", set), cases[i].arguments);
        ck_assert_msg(generated.errors == cases[i].errors, "%zu: %s", i, generated.messages);
        generated_free(&generated);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(entities_and_doctype)
{
    struct arena arena = {NULL};
    const char *manifest = manifest_with_counters(&arena, "&counter;");
    struct generated generated =
        accept(arena_format(&arena, "<!DOCTYPE instrumentationManifest [<!ENTITY counter '%s'>]>%s", COUNTER, manifest), "-o o.h");
    ck_assert_ptr_nonnull(strstr(generated_text(&generated, "o.h"), "#define A (1)"));
    generated_free(&generated);
    generated =
        generate_text("<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'>"
                      "<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>"
                      "<!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'><!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'>"
                      "<!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'>]><instrumentationManifest>&f;</instrumentationManifest>",
                      "");
    ck_assert_uint_eq(generated.errors, 1);
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("reading");
    TCase *tests = tcase_create("reading");
    tcase_add_test(tests, utf16_of_all_kinds);
    tcase_add_test(tests, lines_in_utf16);
    tcase_add_test(tests, other_encodings);
    tcase_add_test(tests, bytes_that_are_no_text);
    tcase_add_test(tests, namespaces);
    tcase_add_test(tests, qualified_attribute);
    tcase_add_test(tests, forms_of_values);
    tcase_add_test(tests, symbols_by_schema);
    tcase_add_test(tests, entities_and_doctype);
    suite_add_tcase(suite, tests);
    return suite;
}
