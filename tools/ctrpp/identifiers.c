#include "identifiers.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Lists of names, each with a space before and behind it. */

/* Keywords of C and C++, names that the preprocessor keeps to itself, and those of main programs. */
static const char language_names[] =
    " _Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Pragma _Static_assert _Thread_local"
    " __COUNTER__ __DATE__ __FILE__ __LINE__ __STDC__ __STDC_HOSTED__ __STDC_VERSION__ __TIME__ __TIMESTAMP__ __VA_ARGS__"
    " __VA_OPT__ __alignof__ __asm __asm__ __attribute__ __builtin_va_list __cdecl __const __cplusplus __declspec"
    " __extension__ __fastcall __forceinline __func__ __has_attribute __has_builtin __has_cpp_attribute __has_include"
    " __has_include_next __inline __inline__ __int16 __int32 __int64 __int8 __label__ __restrict __restrict__ __signed__"
    " __stdcall __thread __typeof__ __volatile__ alignas alignof and and_eq asm auto bitand bitor bool break case catch char"
    " char16_t char32_t char8_t class co_await co_return co_yield compl concept const const_cast consteval constexpr"
    " constinit continue decltype default defined delete do double dynamic_cast else enum explicit export extern false float"
    " for friend goto if inline int long main mutable namespace new noexcept not not_eq nullptr operator or or_eq private"
    " protected public register reinterpret_cast requires restrict return short signed sizeof static static_assert"
    " static_cast struct switch template this thread_local throw true try typedef typeid typename typeof union unsigned"
    " using virtual void volatile wchar_t while wmain xor xor_eq ";

/* What every user of a generated header needs of windows.h, winperf.h and perflib.h. */
static const char system_names[] =
    " BOOL BYTE CALLBACK CONST DECLSPEC_SELECTANY DWORD ERROR_SUCCESS EXTERN_C FALSE FORCEINLINE GUID HANDLE INT LONG"
    " LPCGUID LPCWSTR LPGUID LPVOID NULL PCWSTR PERFLIBREQUEST PERF_COUNTERSET_INFO PERF_COUNTERSET_INSTANCE"
    " PERF_COUNTER_IDENTITY PERF_COUNTER_INFO PERF_MEM_ALLOC PERF_MEM_FREE PERF_PROVIDER_CONTEXT PPERF_COUNTERSET_INFO"
    " PPERF_COUNTERSET_INSTANCE PPERF_PROVIDER_CONTEXT PVOID PerfCreateInstance PerfDecrementULongCounterValue"
    " PerfDecrementULongLongCounterValue PerfDeleteInstance PerfIncrementULongCounterValue"
    " PerfIncrementULongLongCounterValue PerfQueryInstance PerfSetCounterRefValue PerfSetCounterSetInfo"
    " PerfSetULongCounterValue PerfSetULongLongCounterValue PerfStartProvider PerfStartProviderEx PerfStopProvider SIZE_T"
    " TRUE UINT ULONG ULONGLONG USHORT VOID WCHAR WINAPI WORD ZeroMemory ";

/* What a generated header uses itself. */
static const char header_names[] =
    " PERFPOOL_CTRPP_INLINE PERFPOOL_CTRPP_UTF16 allocate_ callback_ context_ free_ memory_ status_ ";

static bool is_listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strstr(list, name); at != NULL; at = strstr(at + 1, name)) {
        if (at[-1] == ' ' && at[length] == ' ')
            return true;
    }
    return false;
}

static bool is_reserved(const char *name)
{
    if (is_listed(language_names, name) || is_listed(system_names, name) || is_listed(header_names, name))
        return true;
    for (size_t i = 0; i < counter_type_count; i++) {
        if (strcmp(counter_types[i].constant, name) == 0)
            return true;
    }
    for (size_t i = 0; i < perflib_constant_count; i++) {
        if (strcmp(perflib_constants[i].name, name) == 0)
            return true;
    }
    return strcmp(name, detail_words[0].constant) == 0 || strcmp(name, detail_words[1].constant) == 0;
}

/* An identifier of the header, with the element it is for; NULL: it is a function that every header has. */
struct identifier {
    const char *name;
    const struct xml_element *element;
    size_t order;
};

struct identifiers {
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct identifier *list;
    size_t count;
};

static void add(struct identifiers *identifiers, const struct xml_element *element, const char *prefix, const char *symbol,
                const char *suffix)
{
    const char *name = arena_format(identifiers->arena, "%s%s%s", prefix, symbol, suffix);
    if (element != NULL && is_reserved(name))
        report_error(identifiers->diagnostics, xml_line(element, "symbol"),
                     "symbol of %s makes the name %s, which C, C++ or Windows' headers have already, expected another",
                     element->name, quote(identifiers->diagnostics, name));
    identifiers->list[identifiers->count] = (struct identifier){name, element, identifiers->count};
    identifiers->count++;
}

static int compare(const void *left, const void *right)
{
    const struct identifier *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    if (order != 0)
        return order;
    return a->order < b->order ? -1 : 1;
}

/* Two counters, or two sets, with one symbol were reported as that. */
static bool is_same_symbol(const struct identifier *a, const struct identifier *b)
{
    return a->element != NULL && b->element != NULL && strcmp(a->element->name, b->element->name) == 0 &&
           strcmp(xml_attribute(a->element, "symbol")->value, xml_attribute(b->element, "symbol")->value) == 0;
}

static void report_collisions(struct identifiers *identifiers)
{
    qsort(identifiers->list, identifiers->count, sizeof(struct identifier), compare);
    for (size_t i = 1; i < identifiers->count; i++) {
        const struct identifier *first = &identifiers->list[i - 1], *second = &identifiers->list[i];
        if (strcmp(first->name, second->name) != 0 || is_same_symbol(first, second))
            continue;
        const struct xml_element *element = second->element != NULL ? second->element : first->element;
        const struct identifier *other = second->element != NULL ? first : second;
        report_error(identifiers->diagnostics, xml_line(element, "symbol"),
                     "symbol of %s makes the name %s, which is that of %s too, expected a symbol that makes names of its own",
                     element->name, quote(identifiers->diagnostics, second->name),
                     other->element == NULL
                         ? "a generated function"
                         : arena_format(identifiers->arena, "the %s on line %u", other->element->name, other->element->line));
    }
}

static void require_symbol(struct diagnostics *diagnostics, const struct xml_element *element, const char *symbol)
{
    const struct xml_attribute *attribute = xml_attribute(element, "symbol");
    if (attribute == NULL) {
        report_error(diagnostics, element->line, "missing attribute \"symbol\" of %s, expected a C identifier", element->name);
    } else if (symbol == NULL && attribute->value[0] == '\0') {
        report_error(diagnostics, attribute->line, "symbol of %s is empty, expected a C identifier", element->name);
    }
}

void check_identifiers(struct arena *arena, struct diagnostics *diagnostics, const struct manifest *manifest,
                       struct symbol_needs needs)
{
    const struct provider *provider = &manifest->provider;
    size_t most = 4;
    for (size_t i = 0; i < provider->n_sets; i++)
        most += 2 + provider->sets[i].n_counters;
    struct identifiers identifiers = {arena, diagnostics, arena_allocate(arena, most * sizeof(struct identifier)), 0};

    if (needs.required) {
        require_symbol(diagnostics, provider->element, provider->symbol);
        for (size_t i = 0; i < provider->n_sets; i++)
            require_symbol(diagnostics, provider->sets[i].element, provider->sets[i].symbol);
    }
    if (!needs.identifiers)
        return;
    add(&identifiers, NULL, needs.prefix, "CounterInitialize", "");
    add(&identifiers, NULL, needs.prefix, "CounterCleanup", "");
    if (provider->symbol != NULL) {
        add(&identifiers, provider->element, needs.prefix, provider->symbol, "");
        add(&identifiers, provider->element, needs.prefix, provider->symbol, "Guid");
    }
    for (size_t i = 0; i < provider->n_sets; i++) {
        const struct counter_set *set = &provider->sets[i];
        if (set->symbol != NULL) {
            add(&identifiers, set->element, needs.prefix, set->symbol, "Guid");
            add(&identifiers, set->element, needs.prefix, set->symbol, "Info");
        }
        for (size_t k = 0; k < set->n_counters; k++) {
            if (set->counters[k].symbol != NULL)
                add(&identifiers, set->counters[k].element, "", set->counters[k].symbol, "");
        }
    }
    report_collisions(&identifiers);
}
