#include "size_class.h"

#define CAPACITY_BY_BYTES(n_lines) (MAGAZINE_BYTES_MAX / ((n_lines) << LINE_SHIFT))
#define CAPACITY(n_lines)                                               \
    (CAPACITY_BY_BYTES(n_lines) > MAGAZINE_CAPACITY ? MAGAZINE_CAPACITY \
     : CAPACITY_BY_BYTES(n_lines) < 2               ? 2                 \
                                                    : CAPACITY_BY_BYTES(n_lines))
#define CLASS(n_lines)                                       \
    {                                                        \
        (n_lines), SPAN_LINES / (n_lines), CAPACITY(n_lines) \
    }

/* clang-format off */
const struct size_class size_classes[N_CLASSES] = {
    CLASS(1), CLASS(2), CLASS(3), CLASS(4), CLASS(5), CLASS(6), CLASS(7), CLASS(8),
    CLASS(9), CLASS(10), CLASS(11), CLASS(12), CLASS(13), CLASS(14), CLASS(15), CLASS(16),
    CLASS(18), CLASS(20), CLASS(22), CLASS(24), CLASS(26), CLASS(28), CLASS(30), CLASS(32),
    CLASS(36), CLASS(40), CLASS(44), CLASS(48), CLASS(52), CLASS(56), CLASS(60), CLASS(64),
    CLASS(72), CLASS(80), CLASS(88), CLASS(96), CLASS(104), CLASS(112), CLASS(120), CLASS(128),
    CLASS(146), CLASS(170), CLASS(204), CLASS(256), CLASS(340), CLASS(384), CLASS(448), CLASS(512),
};
/* clang-format on */

void size_class_table(uint8_t table[SMALL_LINES_MAX + 1], uint32_t isolation)
{
    uint32_t step = isolation / LINE_SIZE;
    uint8_t class = 0;
    for (uint32_t lines = 0; lines <= SMALL_LINES_MAX; lines++) {
        while (size_classes[class].lines < lines || size_classes[class].lines % step != 0)
            class ++;
        table[lines] = class;
    }
}
