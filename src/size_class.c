#include "size_class.h"

#define CAPACITY_BY_BYTES(n_lines) (MAGAZINE_BYTES_MAX / ((n_lines) << LINE_SHIFT))
#define CAPACITY(n_lines)                                               \
    (CAPACITY_BY_BYTES(n_lines) > MAGAZINE_CAPACITY ? MAGAZINE_CAPACITY \
     : CAPACITY_BY_BYTES(n_lines) < 2               ? 2                 \
                                                    : CAPACITY_BY_BYTES(n_lines))
#define MAGAZINE_BYTES(n_lines) (CAPACITY(n_lines) * ((n_lines) << LINE_SHIFT))
#define KEEP(n_lines) ((KEEP_BYTES_MIN + MAGAZINE_BYTES(n_lines) - 1) / MAGAZINE_BYTES(n_lines))
#define CLASS(n_lines)                                                      \
    {                                                                       \
        (n_lines), SPAN_LINES / (n_lines), CAPACITY(n_lines), KEEP(n_lines) \
    }
#define PAIRS(n_lines) CLASS(((n_lines) + 1) / 2 * 2)

/* clang-format off */
#define CLASSES(OF) \
    OF(1), OF(2), OF(3), OF(4), OF(5), OF(6), OF(7), OF(8), \
    OF(9), OF(10), OF(11), OF(12), OF(13), OF(14), OF(15), OF(16), \
    OF(18), OF(20), OF(22), OF(24), OF(26), OF(28), OF(30), OF(32), \
    OF(36), OF(40), OF(44), OF(48), OF(52), OF(56), OF(60), OF(64), \
    OF(72), OF(80), OF(88), OF(96), OF(104), OF(112), OF(120), OF(128), \
    OF(146), OF(170), OF(204), OF(256), OF(340), OF(384), OF(448), OF(512)

const struct size_class size_classes[N_CLASSES] = {CLASSES(CLASS)};
const struct size_class size_classes_isolated[N_CLASSES] = {CLASSES(PAIRS)};

#pragma GCC diagnostic ignored "-Wpedantic" /* ranges of elements are GNU C */
const uint8_t size_class_of[SMALL_LINES_MAX + 1] = {
    [0 ... 1] = 0, [2] = 1, [3] = 2, [4] = 3, [5] = 4, [6] = 5,
    [7] = 6, [8] = 7, [9] = 8, [10] = 9, [11] = 10, [12] = 11,
    [13] = 12, [14] = 13, [15] = 14, [16] = 15, [17 ... 18] = 16, [19 ... 20] = 17,
    [21 ... 22] = 18, [23 ... 24] = 19, [25 ... 26] = 20, [27 ... 28] = 21, [29 ... 30] = 22, [31 ... 32] = 23,
    [33 ... 36] = 24, [37 ... 40] = 25, [41 ... 44] = 26, [45 ... 48] = 27, [49 ... 52] = 28, [53 ... 56] = 29,
    [57 ... 60] = 30, [61 ... 64] = 31, [65 ... 72] = 32, [73 ... 80] = 33, [81 ... 88] = 34, [89 ... 96] = 35,
    [97 ... 104] = 36, [105 ... 112] = 37, [113 ... 120] = 38, [121 ... 128] = 39, [129 ... 146] = 40, [147 ... 170] = 41,
    [171 ... 204] = 42, [205 ... 256] = 43, [257 ... 340] = 44, [341 ... 384] = 45, [385 ... 448] = 46, [449 ... 512] = 47,
};
/* clang-format on */
