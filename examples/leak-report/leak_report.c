#include "leak_report.h"

#include <stdint.h>
#include <string.h>

enum { SLOT_SIZE = 8, MOST_OFFSET = 64, SHORTEST = sizeof(PERF_COUNTERSET_INSTANCE) + SLOT_SIZE };

static const struct leak_report_set *find_set(const GUID *guid, const struct leak_report_set *sets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(guid, sets[i].guid, sizeof *guid) == 0) {
            return &sets[i];
        }
    }
    return NULL;
}

/*
 * The equations of a header, in a block that has `room` bytes from there on:
 *  - the name begins behind a whole number of slots, one at least;
 *  - it is whole characters, one at least;
 *  - the instance ends with the name, rounded up to a slot, and within the block.
 */
static bool header_is_sound(const PERF_COUNTERSET_INSTANCE *header, size_t room)
{
    const size_t offset = header->InstanceNameOffset;
    const size_t name_size = header->InstanceNameSize;

    if (header->dwSize > room || offset < SHORTEST || offset % SLOT_SIZE != 0 || offset > header->dwSize) {
        return false;
    }
    if (name_size < sizeof(WCHAR) || name_size % sizeof(WCHAR) != 0 || name_size > (PERF_MAX_INSTANCE_NAME + 1) * sizeof(WCHAR)) {
        return false;
    }
    return header->dwSize == (offset + name_size + SLOT_SIZE - 1) / SLOT_SIZE * SLOT_SIZE;
}

static uint32_t read_unit(const char *text, size_t i)
{
    uint16_t unit;

    memcpy(&unit, text + i * sizeof unit, sizeof unit);
    return unit;
}

static size_t write_utf8(char *out, uint32_t character)
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (char)(0xC0 | character >> 6);
        out[1] = (char)(0x80 | (character & 0x3F));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (char)(0xE0 | character >> 12);
        out[1] = (char)(0x80 | (character >> 6 & 0x3F));
        out[2] = (char)(0x80 | (character & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | character >> 18);
    out[1] = (char)(0x80 | (character >> 12 & 0x3F));
    out[2] = (char)(0x80 | (character >> 6 & 0x3F));
    out[3] = (char)(0x80 | (character & 0x3F));
    return 4;
}

/* Unit `i` of `length` and, if it begins a pair, the one after it, in UTF-8 or escaped. Returns how many units it was. */
static size_t write_character(char *out, size_t *written, const char *text, size_t i, size_t length)
{
    const uint32_t unit = read_unit(text, i);
    const uint32_t next = i + 1 < length ? read_unit(text, i + 1) : 0;

    if (unit >= 0xD800 && unit < 0xDC00 && next >= 0xDC00 && next < 0xE000) {
        *written += write_utf8(out + *written, 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00));
        return 2;
    }
    if (unit < 0x20 || unit == '"' || unit == '\\' || (unit >= 0x7F && unit < 0xA0) || (unit >= 0xD800 && unit < 0xE000)) {
        *written += (size_t)snprintf(out + *written, 7, "\\u%04X", (unsigned)unit);
    } else {
        *written += write_utf8(out + *written, unit);
    }
    return 1;
}

/* A name of `size` bytes has its one zero at the end. */
static bool read_name(const char *text, size_t size, char *out)
{
    const size_t length = size / sizeof(uint16_t) - 1;
    size_t written = 0;

    for (size_t i = 0; i < length; i++) {
        if (read_unit(text, i) == 0) {
            return false;
        }
    }
    if (read_unit(text, length) != 0) {
        return false;
    }
    for (size_t i = 0; i < length;) {
        i += write_character(out, &written, text, i, length);
    }
    out[written] = '\0';
    return true;
}

bool leak_report_decode(const void *block, size_t size, const struct leak_report_set *sets, size_t count,
                        struct leak_report_instance *instance)
{
    for (size_t offset = 0; offset <= MOST_OFFSET && size >= SHORTEST && offset <= size - SHORTEST; offset += SLOT_SIZE) {
        const char *start = (const char *)block + offset;
        PERF_COUNTERSET_INSTANCE header;

        memcpy(&header, start, sizeof header);
        if ((count != 0 && find_set(&header.CounterSetGuid, sets, count) == NULL) || !header_is_sound(&header, size - offset) ||
            !read_name(start + header.InstanceNameOffset, header.InstanceNameSize, instance->name)) {
            continue;
        }
        instance->set = header.CounterSetGuid;
        instance->id = header.InstanceId;
        instance->size = header.dwSize;
        instance->offset = offset;
        return true;
    }
    return false;
}

/* What the walk over the heap carries along. */
struct report {
    FILE *out;
    const struct leak_report_set *sets;
    size_t count;
    bool instances_only;
    size_t printed;
    struct leak_report_instance instance;
};

static void print_instance(const struct report *report, const void *block, size_t size)
{
    const struct leak_report_instance *instance = &report->instance;
    const struct leak_report_set *set = find_set(&instance->set, report->sets, report->count);
    const GUID *guid = &instance->set;

    fprintf(report->out, "instance \"%s\", id %lu, %lu bytes, of set {%08lx-%04x-%04x-%02x%02x-", instance->name,
            (unsigned long)instance->id, (unsigned long)instance->size, (unsigned long)guid->Data1, guid->Data2, guid->Data3,
            guid->Data4[0], guid->Data4[1]);
    for (int i = 2; i < 8; i++) {
        fprintf(report->out, "%02x", guid->Data4[i]);
    }
    fprintf(report->out, "}%s%s: block %p of %lu bytes\n", set != NULL ? " " : "", set != NULL ? set->name : "", block,
            (unsigned long)size);
}

static int PERFPOOL_CALL visit(const void *block, size_t size, void *arg)
{
    struct report *report = arg;

    if (leak_report_decode(block, size, report->sets, report->count, &report->instance)) {
        print_instance(report, block, size);
        report->printed++;
    } else if (!report->instances_only) {
        fprintf(report->out, "no counter instance: block %p of %lu bytes\n", block, (unsigned long)size);
        report->printed++;
    }
    return 0;
}

static size_t walk(struct report *report, perfpool_heap *heap)
{
    if (perfpool_heap_walk(heap, visit, report) != 0) {
        fprintf(report->out, "the heap could not be walked\n");
    }
    return report->printed;
}

size_t leak_report_instances(FILE *out, perfpool_heap *heap, const struct leak_report_set *sets, size_t count)
{
    struct report report = {.out = out, .sets = sets, .count = count, .instances_only = true};

    return walk(&report, heap);
}

size_t leak_report_blocks(FILE *out, perfpool_heap *heap, const struct leak_report_set *sets, size_t count)
{
    struct report report = {.out = out, .sets = sets, .count = count};

    return walk(&report, heap);
}
