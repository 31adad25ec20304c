#include "options.h"

#include "arena.h"
#include "text.h"

#include <string.h>

bool options_valid(const perfpool_options *options)
{
    const uint32_t flags = PERFPOOL_NO_ZERO | PERFPOOL_CHECK_REMOTE | PERFPOOL_POISON;
    if (options->size != sizeof *options || (options->flags & ~flags) != 0 || options->unused != 0)
        return false;
    if (options->isolation != 0 && options->isolation != LINE_SIZE && options->isolation != 2 * LINE_SIZE)
        return false;
    const uint64_t reserve = options->reserve, precommit = options->precommit;
    if (reserve > ARENA_SIZE_MAX || precommit > ARENA_SIZE_MAX)
        return false;
    return (reserve == 0 || precommit <= reserve) && (options->limit == 0 || precommit <= options->limit);
}

struct word {
    const char *text;
    size_t length;
};

static bool word_is(struct word word, const char *name)
{
    return word.length == text_length(name, SIZE_MAX) && memcmp(word.text, name, word.length) == 0;
}

/* Whether a word is "name=value" with this name, which may be "name="; the value is cut out. */
static bool word_starts(struct word word, const char *name, struct word *value)
{
    size_t length = text_length(name, SIZE_MAX);
    if (word.length < length || memcmp(word.text, name, length) != 0)
        return false;
    *value = (struct word){word.text + length, word.length - length};
    return true;
}

/* Reads a number of bytes: decimal digits and K, M or G (binary). */
static bool read_bytes(struct word value, size_t *bytes)
{
    uint64_t number = 0;
    size_t i = 0;
    for (; i < value.length && value.text[i] >= '0' && value.text[i] <= '9'; i++) {
        if (number > (UINT64_MAX >> 4) / 10)
            return false;
        number = number * 10 + (uint64_t)(value.text[i] - '0');
    }
    uint32_t shift = 0;
    if (i + 1 == value.length && i > 0) {
        shift = value.text[i] == 'K' ? 10 : value.text[i] == 'M' ? 20 : value.text[i] == 'G' ? 30 : 64;
        i++;
    }
    if (i == 0 || i != value.length || shift == 64 || number > SIZE_MAX >> shift)
        return false;
    *bytes = (size_t)number << shift;
    return true;
}

static bool read_word(struct word word, perfpool_options *options)
{
    struct word value;
    size_t isolation;
    if (word_is(word, "no_zero"))
        options->flags |= PERFPOOL_NO_ZERO;
    else if (word_is(word, "check_remote"))
        options->flags |= PERFPOOL_CHECK_REMOTE;
    else if (word_is(word, "poison"))
        options->flags |= PERFPOOL_POISON;
    else if (word_starts(word, "reserve=", &value))
        return read_bytes(value, &options->reserve);
    else if (word_starts(word, "limit=", &value))
        return read_bytes(value, &options->limit);
    else if (word_starts(word, "precommit=", &value))
        return read_bytes(value, &options->precommit);
    else if (word_starts(word, "isolation=", &value) && read_bytes(value, &isolation) && isolation <= UINT32_MAX)
        options->isolation = (uint32_t)isolation;
    else
        return false;
    return true;
}

static void complain(struct word word)
{
    struct text text;
    char copy[64];
    size_t length = word.length < sizeof copy - 1 ? word.length : sizeof copy - 1;
    memcpy(copy, word.text, length);
    copy[length] = '\0';
    text_clear(&text);
    text_add(&text, "perfpool: PERFPOOL_OPTIONS: \"");
    text_add(&text, copy);
    text_add(&text,
             "\" is not one of no_zero, check_remote, poison, reserve=, limit=, precommit= (bytes, K, M or G), isolation=64 or 128;"
             " all defaults are used\n");
    os_write(text.characters, text.length);
}

bool options_parse(const char *text, perfpool_options *options)
{
    const perfpool_options defaults = {.size = sizeof *options};
    *options = defaults;
    while (text != NULL && *text != '\0') {
        struct word word = {text, 0};
        while (text[word.length] != '\0' && text[word.length] != ',')
            word.length++;
        text += word.length + (text[word.length] == ',');
        if (word.length == 0)
            continue;
        if (!read_word(word, options) || !options_valid(options)) {
            complain(word);
            *options = defaults;
            return false;
        }
    }
    return true;
}
