#include "guid.h"

const char *guid_text(struct arena *arena, const struct guid *guid)
{
    const uint8_t *b = guid->data4;
    return arena_format(arena, "{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", (unsigned)guid->data1, (unsigned)guid->data2,
                        (unsigned)guid->data3, b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
}

void guid_add_plain(struct text *text, const struct guid *guid)
{
    const uint8_t *b = guid->data4;
    text_print(text, "{0x%x, 0x%x, 0x%x, {0x%x, 0x%x, 0x%x, 0x%x, 0x%x, 0x%x, 0x%x, 0x%x}}", (unsigned)guid->data1,
               (unsigned)guid->data2, (unsigned)guid->data3, b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
}

void guid_add_padded(struct text *text, const struct guid *guid)
{
    const uint8_t *b = guid->data4;
    text_print(text, "{0x%08X, 0x%04X, 0x%04X, {0x%02X, 0x%02X, 0x%02X, 0x%02X, 0x%02X, 0x%02X, 0x%02X, 0x%02X}}",
               (unsigned)guid->data1, (unsigned)guid->data2, (unsigned)guid->data3, b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
}
