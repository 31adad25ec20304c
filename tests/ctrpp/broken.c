/* Manifests with one mistake each: the message, word for word, with the line it is on. */
#include "harness.h"
#include "run_generator.h"

#include <string.h>

#define SET_START \
    "<counterSet symbol=\"Set\" guid=\"{66666666-7777-8888-9999-aaaaaaaaaaaa}\" uri=\"Set\" name=\"A set\" description=\"It\">"
#define TEXTS "name=\"N\" description=\"D\" "
#define RAW "type=\"perf_counter_rawcount\" detailLevel=\"standard\""
#define COUNTER "<counter id=\"1\" uri=\"u1\" " TEXTS RAW "/>"
#define GOOD_SET SET_START COUNTER "</counterSet>"

struct broken {
    const char *part;
    const char *messages; /* all of them, without the name of the file before each */
};

/* Fails unless the generator has exactly these messages, and no output. */
static void check_messages(struct arena *arena, const char *manifest, const char *arguments, const char *messages)
{
    struct generated generated = generate_text(manifest, arguments);
    struct text expected = {.arena = arena};
    for (const char *line = messages; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        text_print(&expected, "test.man:%.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    ck_assert_str_eq(generated.messages, expected.bytes);
    ck_assert_uint_ge(generated.errors, 1);
    ck_assert_uint_eq(generated.count, 0);
    generated_free(&generated);
}

static const struct broken broken_counters[] = {
    {"<counter uri=\"u\" " TEXTS RAW "/>", "5: error: missing attribute \"id\" of counter, expected a value for it"},
    {"<counter id=\"1\" " TEXTS RAW "/>", "5: error: missing attribute \"uri\" of counter, expected a value for it"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS "detailLevel=\"standard\"/>",
     "5: error: missing attribute \"type\" of counter, expected a value for it"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS "type=\"perf_counter_rawcount\"/>",
     "5: error: missing attribute \"detailLevel\" of counter, expected a value for it"},
    {"<counter id=\"1\" uri=\"u\" description=\"D\" " RAW "/>",
     "5: error: missing attribute \"name\" of counter, expected it in a counter without noDisplay"},
    {"<counter id=\"1\" uri=\"u\"\n colour=\"red\"\n " TEXTS RAW "/>",
     "6: error: unknown attribute \"colour\" of counter, expected one of: symbol, id, uri, name, nameID, description, "
     "descriptionID, "
     "type, baseID, detailLevel, defaultScale, aggregate, perfTimeID, perfFreqID, multiCounterID, struct, field"},
    {"<counter id=\"one\" uri=\"u\" " TEXTS RAW "/>",
     "5: error: id of counter is \"one\", expected a number from 0 to 4294967295 or 0x and 1 to 8 digits"},
    {"<counter id=\"0x123456789\" uri=\"u\" " TEXTS RAW "/>",
     "5: error: id of counter is \"0x123456789\", expected a number from 0 to 4294967295 or 0x and 1 to 8 digits"},
    {"<counter id=\"4294967296\" uri=\"u\" " TEXTS RAW "/>",
     "5: error: id of counter is \"4294967296\", expected a number from 0 to 4294967295 or 0x and 1 to 8 digits"},
    {"<counter id=\"-1\" uri=\"u\" " TEXTS RAW "/>",
     "5: error: id of counter is \"-1\", expected a number from 0 to 4294967295 or 0x and 1 to 8 digits"},
    {"<counter id=\"\" uri=\"u\" " TEXTS RAW "/>",
     "5: error: id of counter is \"\", expected a number from 0 to 4294967295 or 0x and 1 to 8 digits"},
    {"<counter id=\"0x\" uri=\"u\" " TEXTS RAW "/>",
     "5: error: id of counter is \"0x\", expected a number from 0 to 4294967295 or 0x and 1 to 8 digits"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS "detailLevel=\"standard\" type=\"PERF_COUNTER_RAWCOUNT\"/>",
     "5: error: unknown type \"PERF_COUNTER_RAWCOUNT\" of counter, expected a counter type in lower case like "
     "perf_counter_rawcount"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS "detailLevel=\"standard\" type=\"perf_counter_text\"/>",
     "5: error: type of counter is \"perf_counter_text\", which no value counter can have, expected a type with a value of 4 or 8 "
     "bytes"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS "detailLevel=\"standard\" type=\"perf_counter_composite\"/>",
     "5: error: type of counter is \"perf_counter_composite\", which no value counter can have, expected a type with a value of 4 "
     "or 8 "
     "bytes"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS "type=\"perf_counter_rawcount\" detailLevel=\"expert\"/>",
     "5: error: detailLevel of counter is \"expert\", expected standard or advanced"},
    {"<counter id=\"1\" uri=\"u\" aggregate=\"mean\" " TEXTS RAW "/>",
     "5: error: aggregate of counter is \"mean\", expected undefined, sum, avg, min or max"},
    {"<counter id=\"1\" uri=\"u\" defaultScale=\"11\" " TEXTS RAW "/>",
     "5: error: defaultScale of counter is \"11\", expected a number from -10 to 10"},
    {"<counter id=\"1\" uri=\"u\" defaultScale=\"-11\" " TEXTS RAW "/>",
     "5: error: defaultScale of counter is \"-11\", expected a number from -10 to 10"},
    {"<counter id=\"1\" uri=\"u\" defaultScale=\"0x1\" " TEXTS RAW "/>",
     "5: error: defaultScale of counter is \"0x1\", expected a number from -10 to 10"},
    {"<counter id=\"1\" uri=\"u\" symbol=\"2nd\" " TEXTS RAW "/>",
     "5: error: symbol of counter is \"2nd\", expected a C identifier"},
    {"<counter id=\"1\" uri=\"u\" symbol=\"a-b\" " TEXTS RAW "/>",
     "5: error: symbol of counter is \"a-b\", expected a C identifier"},
    {"<counter id=\"1\" uri=\"u\" nameID=\"1\" " TEXTS RAW "/>",
     "5: error: attribute \"nameID\" of counter, expected it only with schemaVersion 2.0"},
    {"<counter id=\"1\" uri=\"u\" descriptionID=\"1\" " TEXTS RAW "/>",
     "5: error: attribute \"descriptionID\" of counter, expected it only with schemaVersion 2.0"},
    {"<counter id=\"1\" uri=\"u\" baseID=\"7\" " TEXTS RAW "/>",
     "5: error: baseID of counter is 7, which no counter of the counterSet has, expected the id of one of them"},
    {"<counter id=\"1\" uri=\"u\" multiCounterID=\"0x8\" " TEXTS RAW "/>",
     "5: error: multiCounterID of counter is 8, which no counter of the counterSet has, expected the id of one of them"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS "type=\"perf_average_timer\" detailLevel=\"standard\"/>",
     "5: error: missing attribute \"baseID\" of counter, expected the id of a perf_average_base for perf_average_timer"},
    {COUNTER "\n<counter id=\"2\" uri=\"u2\" name=\"M\" description=\"D\" baseID=\"1\" type=\"perf_raw_fraction\" "
             "detailLevel=\"standard\"/>",
     "6: error: baseID of counter is 1, which is a perf_counter_rawcount, expected a perf_raw_base for perf_raw_fraction"},
    {COUNTER "\n<counter id=\"0x01\" uri=\"u2\" name=\"M\" description=\"D\" " RAW "/>",
     "6: error: id of counter is \"1\", which line 5 has already, expected one that is unique in the counterSet"},
    {COUNTER "\n<counter id=\"2\" uri=\"u1\" name=\"M\" description=\"D\" " RAW "/>",
     "6: error: uri of counter is \"u1\", which line 5 has already, expected one that is unique in the manifest"},
    {COUNTER "\n<counter id=\"2\" uri=\"u2\" name=\"N\" description=\"D\" " RAW "/>",
     "6: error: name of counter is \"N\", which line 5 has already, expected one that is unique in the counterSet"},
    {"<counter symbol=\"A\" id=\"1\" uri=\"u1\" " TEXTS RAW
     "/>\n<counter symbol=\"A\" id=\"2\" uri=\"u2\" name=\"M\" description=\"D\" " RAW "/>",
     "6: error: symbol of counter is \"A\", which line 5 has already, expected one that is unique in the manifest"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS RAW "><counterAttributes>\n<counterAttribute/></counterAttributes></counter>",
     "6: error: missing attribute \"name\" of counterAttribute, expected a value for it"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS RAW
     "><counterAttributes>\n<counterAttribute name=\"Reference\"/></counterAttributes></counter>",
     "6: error: name of counterAttribute is \"Reference\", expected reference, noDisplay, noDigitGrouping, displayAsReal or "
     "displayAsHex"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS RAW "><counterAttributes><counterAttribute name=\"reference\"/>\n<counterAttribute "
     "name=\"reference\"/></counterAttributes></counter>",
     "6: error: second counterAttribute \"reference\", expected each only once"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS RAW ">\n<counterAttributes/></counter>",
     "6: error: counterAttributes is empty, expected 1 to 5 counterAttribute elements"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS RAW
     "><counterAttributes kind=\"x\"><counterAttribute name=\"reference\"/></counterAttributes></counter>",
     "5: error: unknown attribute \"kind\" of counterAttributes, expected one of: none"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS RAW "><counterAttributes><attribute/></counterAttributes></counter>",
     "5: error: unknown element \"attribute\" in counterAttributes, expected counterAttribute"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS RAW "><structs/></counter>",
     "5: error: unknown element \"structs\" in counter, expected counterAttributes"},
    {COUNTER "\n<Counter/>", "6: error: unknown element \"Counter\" in counterSet, expected counter or structs"},
    {COUNTER "<structs><struct name=\"S\" type=\"T\" size=\"8\"/></structs>",
     "5: error: unknown attribute \"size\" of struct, expected one of: name, type"},
    {COUNTER "<structs><field/></structs>", "5: error: unknown element \"field\" in structs, expected struct"},
    {"", "4: error: the counterSet has no counters, expected at least one counter element"},
    {"<counter symbol=\"TestGuid\" id=\"1\" uri=\"u\" " TEXTS RAW "/>",
     "5: error: symbol of counter makes the name \"TestGuid\", which is that of the provider on line 3 too, expected a symbol that "
     "makes "
     "names of its own"},
    {"<counter symbol=\"CounterCleanup\" id=\"1\" uri=\"u\" " TEXTS RAW "/>",
     "5: error: symbol of counter makes the name \"CounterCleanup\", which is that of a generated function too, expected a symbol "
     "that "
     "makes names of its own"},
    {"<counter symbol=\"int\" id=\"1\" uri=\"u\" " TEXTS RAW "/>",
     "5: error: symbol of counter makes the name \"int\", which C, C++ or Windows' headers have already, expected another"},
    {"<counter symbol=\"PERF_DETAIL_NOVICE\" id=\"1\" uri=\"u\" " TEXTS RAW "/>",
     "5: error: symbol of counter makes the name \"PERF_DETAIL_NOVICE\", which C, C++ or Windows' headers have already, expected "
     "another"},
    {"<counter id=\"1\" uri=\"u\" name=\"a\" name=\"b\" description=\"D\" " RAW "/>",
     "5: error: the text is not well-formed XML (duplicate attribute), expected an instrumentation manifest"},
    {"<counter id=\"1\" uri=\"u\" " TEXTS RAW ">",
     "6: error: the text is not well-formed XML (mismatched tag), expected an instrumentation manifest"},
    {"<counter id=\"1\" uri=\"u\" name=\"a&b;\" description=\"D\" " RAW "/>",
     "5: error: the text is not well-formed XML (undefined entity), expected an instrumentation manifest"},
};

START_TEST(broken_counter)
{
    struct arena arena = {NULL};
    const struct broken *broken = &broken_counters[_i];
    check_messages(&arena, manifest_with_counters(&arena, broken->part), "-o o.h -rc o.rc", broken->messages);
    arena_free(&arena);
}
END_TEST

static const struct broken broken_sets[] = {
    {"<counterSet guid=\"{66666666-7777-8888-9999-aaaaaaaaaaaa}\" uri=\"Set\" name=\"A\" description=\"It\">" COUNTER
     "</counterSet>",
     "4: error: missing attribute \"symbol\" of counterSet, expected a C identifier"},
    {"<counterSet symbol=\"\" guid=\"{66666666-7777-8888-9999-aaaaaaaaaaaa}\" uri=\"Set\" name=\"A\" description=\"It\">" COUNTER
     "</counterSet>",
     "4: error: symbol of counterSet is empty, expected a C identifier"},
    {"<counterSet symbol=\"S\" uri=\"Set\" name=\"A\" description=\"It\">" COUNTER "</counterSet>",
     "4: error: missing attribute \"guid\" of counterSet, expected a value for it"},
    {"<counterSet symbol=\"S\" guid=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" uri=\"Set\" name=\"A\" description=\"It\">" COUNTER
     "</counterSet>",
     "4: error: guid of counterSet is \"66666666-7777-8888-9999-aaaaaaaaaaaa\", expected a GUID like "
     "{01234567-89ab-cdef-0123-456789abcdef}"},
    {"<counterSet symbol=\"S\" guid=\"{66666666-7777-8888-9999-aaaaaaaaaaag}\" uri=\"Set\" name=\"A\" description=\"It\">" COUNTER
     "</counterSet>",
     "4: error: guid of counterSet is \"{66666666-7777-8888-9999-aaaaaaaaaaag}\", expected a GUID like "
     "{01234567-89ab-cdef-0123-456789abcdef}"},
    {"<counterSet symbol=\"S\" guid=\"{66666666-7777-8888-9999-aaaaaaaaaaaa}\" name=\"A\" description=\"It\">" COUNTER
     "</counterSet>",
     "4: error: missing attribute \"uri\" of counterSet, expected a value for it"},
    {"<counterSet symbol=\"S\" guid=\"{66666666-7777-8888-9999-aaaaaaaaaaaa}\" uri=\"Set\" description=\"It\">" COUNTER
     "</counterSet>",
     "4: error: missing attribute \"name\" of counterSet, expected a value for it"},
    {"<counterSet symbol=\"S\" guid=\"{66666666-7777-8888-9999-aaaaaaaaaaaa}\" uri=\"Set\" name=\"A\">" COUNTER "</counterSet>",
     "4: error: missing attribute \"description\" of counterSet, expected a value for it"},
    {"<counterSet symbol=\"S\" guid=\"{66666666-7777-8888-9999-aaaaaaaaaaaa}\" uri=\"Set\" name=\"A\" description=\"It\" "
     "instances=\"many\">" COUNTER "</counterSet>",
     "4: error: instances of counterSet is \"many\", expected single, multiple, globalAggregate, multipleAggregate or "
     "globalAggregateHistory"},
    {GOOD_SET "\n<counterSet symbol=\"T\" guid=\"{66666666-7777-8888-9999-AAAAAAAAAAAA}\" uri=\"T\" name=\"T\" "
              "description=\"It\"><counter id=\"1\" uri=\"t1\" " TEXTS RAW "/></counterSet>",
     "5: error: guid of counterSet is \"{66666666-7777-8888-9999-aaaaaaaaaaaa}\", which line 4 has already, expected one that is "
     "unique "
     "in the manifest"},
    {GOOD_SET "\n<counterSet symbol=\"Set\" guid=\"{66666666-7777-8888-9999-bbbbbbbbbbbb}\" uri=\"T\" name=\"T\" "
              "description=\"It\"><counter id=\"1\" uri=\"t1\" " TEXTS RAW "/></counterSet>",
     "5: error: symbol of counterSet is \"Set\", which line 4 has already, expected one that is unique in the manifest"},
    {GOOD_SET "\n<counterSet symbol=\"T\" guid=\"{66666666-7777-8888-9999-bbbbbbbbbbbb}\" uri=\"Set\" name=\"A set\" "
              "description=\"It\"><counter id=\"1\" uri=\"t1\" " TEXTS RAW "/></counterSet>",
     "5: error: uri of counterSet is \"Set\", which line 4 has already, expected one that is unique in the manifest\n"
     "5: error: name of counterSet is \"A set\", which line 4 has already, expected one that is unique in the manifest"},
    {GOOD_SET "\n<counterset/>", "5: error: unknown element \"counterset\" in provider, expected counterSet"},
    {"", "3: error: the manifest has no counters, expected a counterSet with counters in provider"},
    {"<counterSet symbol=\"Test\" guid=\"{66666666-7777-8888-9999-aaaaaaaaaaaa}\" uri=\"S\" name=\"A\" description=\"It\">" COUNTER
     "</counterSet>",
     "4: error: symbol of counterSet makes the name \"TestGuid\", which is that of the provider on line 3 too, expected a symbol "
     "that "
     "makes names of its own"},
};

START_TEST(broken_set)
{
    struct arena arena = {NULL};
    const struct broken *broken = &broken_sets[_i];
    check_messages(&arena, manifest_with(&arena, broken->part), "-o o.h -rc o.rc", broken->messages);
    arena_free(&arena);
}
END_TEST

/* Attributes of the provider. */
static const struct broken broken_providers[] = {
    {"", "3: error: missing attribute \"symbol\" of provider, expected a C identifier"},
    {"symbol=\"Test\" callback=\"none\"", "3: error: callback of provider is \"none\", expected default or custom"},
    {"symbol=\"Test\" providerType=\"kernel\"",
     "3: error: providerType of provider is \"kernel\", expected userMode or kernelMode"},
    {"symbol=\"Test\" providerType=\"kernelMode\"",
     "3: error: the provider is a kernel-mode one, which is not supported, expected providerType \"userMode\""},
    {"symbol=\"Test\" resourceBase=\"x\"",
     "3: error: resourceBase of provider is \"x\", expected a number from 0 to 4294967295 or 0x and 1 to 8 digits"},
    {"symbol=\"Test\" resourceBase=\"65530\"", "4: error: resource id 65536, expected at most 65535, the last id of string tables\n"
                                               "4: error: resource id 65537, expected at most 65535, the last id of string tables"},
    {"symbol=\"NULL\"",
     "3: error: symbol of provider makes the name \"NULL\", which C, C++ or Windows' headers have already, expected "
     "another"},
};

START_TEST(broken_provider)
{
    struct arena arena = {NULL};
    const struct broken *broken = &broken_providers[_i];
    check_messages(&arena, manifest_of(&arena, "schemaVersion=\"1.1\"", broken->part, GOOD_SET), "-o o.h", broken->messages);
    arena_free(&arena);
}
END_TEST

/* Whole manifests. */
static const struct broken broken_manifests[] = {
    {"", "1: error: the text is not well-formed XML (no element found), expected an instrumentation manifest"},
    {"\n\nnonsense", "3: error: the text is not well-formed XML (syntax error), expected an instrumentation manifest"},
    {"<manifest/>", "1: error: the root element is \"manifest\", expected instrumentationManifest"},
    {"<!-- one -->\n<i:instrumentationManifest xmlns:i='urn:other'/>",
     "2: error: the root element is of a foreign namespace, expected instrumentationManifest of "
     "http://schemas.microsoft.com/win/2004/08/events"},
    {"<instrumentationManifest><instrumentation><events><provider/></events></instrumentation></instrumentationManifest>",
     "1: error: the manifest has no counters, expected a counters element in instrumentation"},
    {"<instrumentationManifest><instrumentation>\n<counters/></instrumentation></instrumentationManifest>",
     "2: error: the manifest has no counters, expected a provider in counters"},
    {"<instrumentationManifest><instrumentation>\n<counters>\n<set/></counters></instrumentation></instrumentationManifest>",
     "2: error: the manifest has no counters, expected a provider in counters\n"
     "3: error: unknown element \"set\" in counters, expected provider"},
    {"<instrumentationManifest><instrumentation>\n<counters "
     "version='1'><provider/></counters></instrumentation></instrumentationManifest>",
     "2: error: unknown attribute \"version\" of counters, expected one of: schemaVersion\n"
     "2: error: missing attribute \"providerGuid\" of provider, expected a value for it\n"
     "2: error: missing attribute \"applicationIdentity\" of provider, expected a value for it\n"
     "2: error: the manifest has no counters, expected a counterSet with counters in provider\n"
     "2: error: missing attribute \"symbol\" of provider, expected a C identifier"},
};

START_TEST(broken_manifest)
{
    struct arena arena = {NULL};
    check_messages(&arena, broken_manifests[_i].part, "-o o.h", broken_manifests[_i].messages);
    arena_free(&arena);
}
END_TEST

START_TEST(schema_version)
{
    struct arena arena = {NULL};
    check_messages(&arena, manifest_of(&arena, "schemaVersion=\"3.0\"", "symbol=\"Test\"", GOOD_SET), "",
                   "2: error: schemaVersion of counters is \"3.0\", expected 1.0, 1.1 or 2.0");
    check_messages(&arena, manifest_of(&arena, "", "symbol=\"Test\"", GOOD_SET), "-legacy",
                   "2: error: missing attribute \"schemaVersion\" of counters, expected 1.1 or 2.0 in a manifest with symbols");
    check_messages(&arena, manifest_of(&arena, "schemaVersion=\"2.0\"", "symbol=\"Test\" resourceBase=\"1\"", GOOD_SET), "",
                   "3: error: attribute \"resourceBase\" of provider, expected it only with schemaVersion 1.x\n"
                   "4: error: missing attribute \"nameID\" of counterSet, expected it with schemaVersion 2.0\n"
                   "4: error: missing attribute \"descriptionID\" of counterSet, expected it with schemaVersion 2.0\n"
                   "4: error: missing attribute \"nameID\" of counter, expected it with schemaVersion 2.0\n"
                   "4: error: missing attribute \"descriptionID\" of counter, expected it with schemaVersion 2.0");
    arena_free(&arena);
}
END_TEST

START_TEST(second_provider_and_counters)
{
    struct arena arena = {NULL};
    const char *provider = "<provider providerGuid=\"{11111111-2222-3333-4444-555555555555}\" applicationIdentity=\"t.exe\">";
    check_messages(
        &arena,
        arena_format(&arena,
                     "<instrumentationManifest><instrumentation><counters>%s%s</provider>\n%s</provider></counters>\n<counters/>"
                     "</instrumentation></instrumentationManifest>",
                     provider,
                     "<counterSet guid=\"{66666666-7777-8888-9999-aaaaaaaaaaaa}\" uri=\"Set\" name=\"A\" "
                     "description=\"It\">" COUNTER "</counterSet>",
                     provider),
        "-legacy",
        "2: error: second provider in counters, expected one: a manifest has one counter provider\n"
        "3: error: second counters element, expected one in a manifest");
    arena_free(&arena);
}
END_TEST

START_TEST(long_name)
{
    struct arena arena = {NULL};
    char name[1025];
    memset(name, 'x', sizeof(name) - 1);
    name[1024] = '\0';
    const char *counter = "<counter id=\"1\" uri=\"u\" name=\"%s\" description=\"D\" " RAW "/>";
    check_messages(&arena, manifest_with_counters(&arena, arena_format(&arena, counter, name)), "",
                   "5: error: name of counter has 1024 characters, expected at most 1023");
    struct generated generated = generate_text(manifest_with_counters(&arena, arena_format(&arena, counter, name + 1)), "");
    ck_assert_str_eq(generated.messages, "");
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

START_TEST(many_messages_are_cut)
{
    struct arena arena = {NULL};
    struct text counters = {.arena = &arena};
    for (int i = 0; i < 150; i++)
        text_print(&counters, "<counter id=\"x\" uri=\"u%d\" name=\"N%d\" description=\"D\" " RAW "/>\n", i, i);
    struct generated generated = generate_text(manifest_with_counters(&arena, counters.bytes), "-o o.h");
    ck_assert_uint_eq(generated.errors, 150);
    ck_assert_ptr_nonnull(strstr(generated.messages, "test.man:104: error: "));
    ck_assert_ptr_null(strstr(generated.messages, "test.man:105: error: "));
    ck_assert_ptr_nonnull(strstr(generated.messages, "\ntest.man: 50 more messages are not shown\n"));
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

Suite *make_suite(void)
{
    Suite *suite = suite_create("broken");
    TCase *tests = tcase_create("broken");
    tcase_add_loop_test(tests, broken_counter, 0, COUNT(broken_counters));
    tcase_add_loop_test(tests, broken_set, 0, COUNT(broken_sets));
    tcase_add_loop_test(tests, broken_provider, 0, COUNT(broken_providers));
    tcase_add_loop_test(tests, broken_manifest, 0, COUNT(broken_manifests));
    tcase_add_test(tests, schema_version);
    tcase_add_test(tests, second_provider_and_counters);
    tcase_add_test(tests, long_name);
    tcase_add_test(tests, many_messages_are_cut);
    suite_add_tcase(suite, tests);
    return suite;
}
