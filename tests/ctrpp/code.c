/* What the headers say: symbols, values and signatures as text. tests/ctrpp/check-* compile them. */
#include "harness.h"
#include "run_generator.h"
#include "tables.h"

#include <string.h>

#define SET(instances, counters)                                                                                             \
    "<counterSet symbol='DemoSet' guid='{0F1E2D3C-0002-4a00-8000-00000000D002}' uri='s' name='S' description='D' " instances \
    ">" counters "</counterSet>"
#define COUNTER \
    "<counter symbol='DEMO' id='1' uri='c' name='N' description='D' type='perf_counter_rawcount' detailLevel='standard'/>"

static struct generated accept(const char *manifest, const char *arguments)
{
    struct generated generated = generate_text(manifest, arguments);
    ck_assert_str_eq(generated.messages, "");
    return generated;
}

static void has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no %s in\n%.3000s", part, text);
}

static void has_not(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "%s in\n%.3000s", part, text);
}

START_TEST(names_with_and_without_prefix)
{
    struct arena arena = {NULL};
    for (int i = 0; i < 2; i++) {
        const char *prefix = i == 0 ? "" : "Ctrpp_";
        struct generated generated = accept(manifest_with(&arena, SET("", COUNTER)), i == 0 ? "-o o.h" : "/O o.h -PREFIX Ctrpp_");
        const char *text = generated_text(&generated, "o.h");
        has(text, "\n#pragma once\n");
        has(text,
            arena_format(&arena,
                         "\nDECLSPEC_SELECTANY GUID %sTestGuid = {0x11111111, 0x2222, 0x3333, {0x44, 0x44, 0x55, 0x55, 0x55, 0x55, "
                         "0x55, 0x55}};\n",
                         prefix));
        has(text,
            arena_format(&arena,
                         "\nDECLSPEC_SELECTANY GUID %sDemoSetGuid = {0xf1e2d3c, 0x2, 0x4a00, {0x80, 0x0, 0x0, 0x0, 0x0, 0x0, 0xd0, "
                         "0x2}};\n",
                         prefix));
        has(text, arena_format(&arena, "\nDECLSPEC_SELECTANY HANDLE %sTest = NULL;\n", prefix));
        has(text, arena_format(&arena, "\n} %sDemoSetInfo = {\n", prefix));
        has(text, arena_format(&arena, " VOID %sCounterCleanup(VOID)\n", prefix));
        has(text, arena_format(&arena, " ULONG %sCounterInitialize(VOID)\n", prefix));
        has(text, "\n#define DEMO (1)\n");
        has_not(text, "#include");
        generated_free(&generated);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(four_parameters)
{
    static const struct {
        const char *provider, *arguments;
        int custom;
    } cases[] = {
        {"symbol='Test'", "-o o.h", 0},
        {"symbol='Test' callback='default'", "-o o.h", 0},
        {"symbol='Test' callback='custom'", "-o o.h", 1},
        {"symbol='Test'", "-o o.h -notificationcallback", 1},
        {"symbol='Test'", "-o o.h /MEMORYROUTINES", 1},
    };
    struct arena arena = {NULL};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct generated generated =
            accept(manifest_of(&arena, "schemaVersion='1.1'", cases[i].provider, SET("", COUNTER)), cases[i].arguments);
        const char *text = generated_text(&generated, "o.h");
        has(text, cases[i].custom ? "CounterInitialize(PERFLIBREQUEST " : "CounterInitialize(VOID)");
        has(text, cases[i].custom ? ".pMemContext = memory_;" : ".pMemContext = NULL;");
        has(text, "PerfStartProviderEx(&TestGuid, ");
        has_not(text, "PerfStartProvider(");
        generated_free(&generated);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(instances)
{
    struct arena arena = {NULL};
    struct generated generated = accept(manifest_with(&arena, SET("", COUNTER)), "-o o.h");
    has(generated_text(&generated, "o.h"), ", 1, PERF_COUNTERSET_SINGLE_INSTANCE},\n");
    generated_free(&generated);
    for (const struct word *word = instance_words; word->name != NULL; word++) {
        const char *set = arena_format(&arena, SET("instances='%s'", COUNTER), word->name);
        generated = accept(manifest_with(&arena, set), "-o o.h");
        has(generated_text(&generated, "o.h"), arena_format(&arena, ", 1, %s},\n", word->constant));
        generated_free(&generated);
    }
    arena_free(&arena);
}
END_TEST

/* A set with one counter of every type that can be had, and what each needs. */
static const char *all_types(struct arena *arena, const char *attributes)
{
    struct text counters = {.arena = arena};
    for (size_t i = 0; i < counter_type_count; i++) {
        const struct counter_type *type = &counter_types[i];
        size_t base = 0;
        while (type->base != NULL && strcmp(counter_types[base].name, type->base) != 0)
            base++;
        if (type->size == 0)
            continue;
        text_print(&counters,
                   "<counter id='%zu' uri='c%zu' name='N%zu' description='D' type='%s' detailLevel='advanced' defaultScale='-3' ",
                   i + 1, i, i, type->name);
        if ((type->needs & NEED_BASE) != 0)
            text_print(&counters, "baseID='%zu' ", base + 1);
        /* The first two types are the raw counts of 4 and 8 bytes. */
        if ((type->needs & NEED_TIME) != 0)
            text_add_string(&counters, "perfTimeID='2' perfFreqID='2' ");
        if ((type->needs & NEED_MULTI) != 0)
            text_add_string(&counters, "multiCounterID='1' ");
        text_print(&counters, ">%s</counter>", attributes);
    }
    return manifest_with(arena, arena_format(arena, SET("", "%s"), counters.bytes));
}

START_TEST(types_and_attributes)
{
    struct arena arena = {NULL};
    struct text attributes = {.arena = &arena}, constants = {.arena = &arena};
    for (uint32_t bits = 0; bits < 32; bits++) {
        if ((unsigned)_i != bits)
            continue;
        for (const struct word *word = attribute_words; word->name != NULL; word++) {
            if ((bits & word->value) != 0) {
                text_print(&attributes, "<counterAttribute name='%s'/>", word->name);
                text_print(&constants, "%s%s", constants.size > 0 ? " | " : "", word->constant);
            }
        }
    }
    const char *element =
        attributes.size > 0 ? arena_format(&arena, "<counterAttributes>%s</counterAttributes>", attributes.bytes) : "";
    struct generated generated = accept(all_types(&arena, element), "-o o.h");
    struct generated legacy = accept(all_types(&arena, element), "-legacy");
    unsigned offset = 0;
    for (size_t i = 0; i < counter_type_count; i++) {
        const struct counter_type *type = &counter_types[i];
        if (type->size == 0)
            continue;
        const char *start =
            arena_format(&arena, "    {%zu, %s, %s, ", i + 1, type->constant, constants.size > 0 ? constants.bytes : "0");
        has(generated_text(&generated, "o.h"),
            arena_format(&arena, "%ssizeof(%s), PERF_DETAIL_ADVANCED, -3, 0},\n", start, type->size == 8 ? "ULONGLONG" : "ULONG"));
        has(generated_text(&generated, "o.h"), arena_format(&arena, "#define %s 0x%08X\n", type->constant, (unsigned)type->value));
        has(generated_text(&legacy, "test.h"), arena_format(&arena, "%ssizeof(%s), PERF_DETAIL_ADVANCED, -3, %u}", start,
                                                            (_i & ATTRIBUTE_REFERENCE) != 0 ? "LPVOID"
                                                            : type->size == 8               ? "ULONGLONG"
                                                                                            : "DWORD",
                                                            offset));
        offset += 8;
    }
    ck_assert_uint_eq(offset, 36 * 8);
    generated_free(&generated);
    generated_free(&legacy);
    arena_free(&arena);
}
END_TEST

/* The value's size is a part of the type: mask 0x300, 0 for 4 bytes, 0x100 for 8. */
START_TEST(sizes_are_in_the_types)
{
    ck_assert_uint_eq(counter_type_count, 38);
    for (size_t i = 0; i < counter_type_count; i++) {
        const struct counter_type *type = &counter_types[i];
        if (type->size != 0)
            ck_assert_uint_eq(type->size, (type->value & 0x300) == 0x100 ? 8 : 4);
        if ((type->needs & NEED_BASE) != 0)
            ck_assert_ptr_nonnull(find_counter_type(type->base));
    }
}
END_TEST

/* What the schema leaves open and no generated code depends on is told, and the header is written. */
static const struct {
    const char *counters, *messages;
} warned_counters[] = {
    {"<counter id='2' uri='c2' name='M' description='D' type='perf_counter_multi_timer' detailLevel='standard' "
     "multiCounterID='2'/>",
     "test.man:4: warning: multiCounterID of counter is 2, which is a perf_counter_multi_timer, expected a "
     "perf_counter_rawcount for perf_counter_multi_timer\n"},
    {"<counter id='2' uri='c2' name='M' description='D' type='perf_counter_multi_timer' detailLevel='standard'/>",
     "test.man:4: warning: missing attribute \"multiCounterID\" of counter, expected the id of a perf_counter_rawcount for "
     "perf_counter_multi_timer\n"},
    {"<counter id='2' uri='c2' name='M' description='D' type='perf_elapsed_time' detailLevel='standard'/>",
     "test.man:4: warning: missing attribute \"perfTimeID\" of counter, expected the id of a perf_counter_large_rawcount for "
     "perf_elapsed_time\n"
     "test.man:4: warning: missing attribute \"perfFreqID\" of counter, expected the id of a perf_counter_large_rawcount for "
     "perf_elapsed_time\n"},
    {"<counter id='2' uri='c2' name='M' description='D' type='perf_raw_base' detailLevel='standard'/>"
     "<counter id='3' uri='c3' name='L' description='D' type='perf_large_raw_fraction' detailLevel='standard' baseID='2'/>",
     "test.man:4: warning: baseID of counter is 2, which is a perf_raw_base, expected a perf_large_raw_base for "
     "perf_large_raw_fraction\n"},
    {"<counter id='2' uri='c2' name='M' type='perf_counter_rawcount' detailLevel='standard'/>",
     "test.man:4: warning: missing attribute \"description\" of counter, expected it in a counter without noDisplay\n"},
};

START_TEST(open_questions_warn)
{
    struct arena arena = {NULL};
    const char *sets = arena_format(&arena, SET("", COUNTER "%s"), warned_counters[_i].counters);
    struct generated generated = generate_text(manifest_with(&arena, sets), "-o o.h");
    ck_assert_str_eq(generated.messages, warned_counters[_i].messages);
    ck_assert_uint_eq(generated.count, 1);
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

/* The schema of 2.0 asks for unique GUIDs of sets only; ids and symbols are what generated code cannot have twice. */
START_TEST(equal_texts_of_schema_2_warn)
{
    static const char sets[] =
        "<counterSet symbol='A' guid='{0F1E2D3C-0002-4a00-8000-00000000D002}' uri='s' name='S' nameID='1' description='D' "
        "descriptionID='2'>"
        "<counter id='1' uri='c' name='N' nameID='3' description='D' descriptionID='2' type='perf_counter_rawcount' "
        "detailLevel='standard'/>\n"
        "<counter id='2' uri='c' name='N' nameID='3' description='D' descriptionID='2' type='perf_counter_rawcount' "
        "detailLevel='standard'/></counterSet>";
    struct arena arena = {NULL};
    struct generated generated = generate_text(manifest_of(&arena, "schemaVersion='2.0'", "symbol='Test'", sets), "-o o.h");
    ck_assert_str_eq(generated.messages,
                     "test.man:5: warning: name of counter is \"N\", which line 4 has already, expected one that is unique in the "
                     "counterSet\n"
                     "test.man:5: warning: uri of counter is \"c\", which line 4 has already, expected one that is unique in the "
                     "manifest\n");
    ck_assert_uint_eq(generated.count, 1);
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

START_TEST(vista_form_without_detail_level)
{
    struct arena arena = {NULL};
    struct generated generated =
        accept(manifest_of(&arena, "", "",
                           "<counterSet guid='{0F1E2D3C-0002-4a00-8000-00000000D002}' uri='s' name='S' description='D'>"
                           "<counter id='1' uri='c' name='N' description='D' type='perf_counter_rawcount'/></counterSet>"),
               "-legacy");
    ck_assert_ptr_nonnull(strstr(generated_text(&generated, "test.h"), "PERF_DETAIL_NOVICE"));
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

START_TEST(legacy_forms)
{
    static const struct {
        const char *arguments, *start, *allocate;
    } cases[] = {
        {"-legacy", "PerfStartProvider(&ProviderGuid_test_1, ControlCallback_test_1, &hDataSource_test_1)", NULL},
        {"-legacy -NotificationCallback", "PerfStartProviderEx(&ProviderGuid_test_1, &Context, &hDataSource_test_1)", "NULL"},
        {"-legacy -MemoryRoutines", "PerfStartProviderEx(&ProviderGuid_test_1, &Context, &hDataSource_test_1)", "AllocateMemory"},
        {"/LEGACY /memoryroutines /notificationcallback",
         "PerfStartProviderEx(&ProviderGuid_test_1, &Context, &hDataSource_test_1)", "AllocateMemory"},
    };
    struct arena arena = {NULL};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct generated generated = accept(manifest_with(&arena, SET("", COUNTER)), cases[i].arguments);
        const char *text = generated_text(&generated, "test.c");
        ck_assert_uint_eq(generated.count, 4);
        has(text, cases[i].start);
        has(text, "#define __INIT_test_IMP\n#include \"test.h\"\n");
        has(text, "ULONG WINAPI ControlCallback_test_1(ULONG RequestCode, PVOID Buffer, ULONG BufferSize)\n{");
        if (cases[i].allocate != NULL)
            has(text, arena_format(&arena, "Context.MemAllocRoutine = %s;\n", cases[i].allocate));
        has(generated_text(&generated, "test.h"),
            "#define CTRSET_GUID_test_1_1 {0x0F1E2D3C, 0x0002, 0x4A00, {0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0xD0, 0x02}}\n");
        generated_free(&generated);
    }
    arena_free(&arena);
}
END_TEST

/* A counter's symbol may be what a system header has as a macro, and is out of the way of the generated code. */
START_TEST(symbols_are_last)
{
    struct arena arena = {NULL};
    struct generated generated =
        accept(manifest_with(&arena, SET("", "<counter symbol='Status' id='1' uri='c' name='N' description='D' "
                                             "type='perf_counter_rawcount' detailLevel='standard'/>"
                                             "<counter symbol='Counter0' id='2' uri='c2' name='M' description='D' "
                                             "type='perf_counter_rawcount' detailLevel='standard'/>")),
               "-o o.h");
    const char *text = generated_text(&generated, "o.h");
    const char *symbols = strstr(text, "#undef Status\n#define Status (1)\n#undef Counter0\n#define Counter0 (2)\n");
    ck_assert_ptr_nonnull(symbols);
    ck_assert_ptr_null(strchr(symbols, '{'));
    ck_assert_ptr_null(strchr(symbols, ';'));
    generated_free(&generated);
    arena_free(&arena);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("code");
    TCase *tests = tcase_create("code");
    tcase_add_test(tests, names_with_and_without_prefix);
    tcase_add_test(tests, four_parameters);
    tcase_add_test(tests, instances);
    tcase_add_loop_test(tests, types_and_attributes, 0, 32);
    tcase_add_test(tests, sizes_are_in_the_types);
    tcase_add_loop_test(tests, open_questions_warn, 0, (int)(sizeof(warned_counters) / sizeof(warned_counters[0])));
    tcase_add_test(tests, equal_texts_of_schema_2_warn);
    tcase_add_test(tests, vista_form_without_detail_level);
    tcase_add_test(tests, legacy_forms);
    tcase_add_test(tests, symbols_are_last);
    suite_add_tcase(suite, tests);
    return suite;
}
