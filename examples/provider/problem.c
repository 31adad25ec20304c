#include "problem.h"

#include <stddef.h>

bool problem_note(struct problem *problem, const char *function, ULONG error)
{
    if (error != ERROR_SUCCESS && problem->function == NULL) {
        problem->function = function;
        problem->error = error;
    }
    return error == ERROR_SUCCESS;
}

const char *problem_error_name(ULONG error)
{
    static const struct {
        ULONG error;
        const char *name;
    } names[] = {
        {ERROR_SUCCESS, "ERROR_SUCCESS"},
        {ERROR_INVALID_HANDLE, "ERROR_INVALID_HANDLE"},
        {ERROR_NOT_ENOUGH_MEMORY, "ERROR_NOT_ENOUGH_MEMORY"},
        {ERROR_OUTOFMEMORY, "ERROR_OUTOFMEMORY"},
        {ERROR_INVALID_PARAMETER, "ERROR_INVALID_PARAMETER"},
        {ERROR_CALL_NOT_IMPLEMENTED, "ERROR_CALL_NOT_IMPLEMENTED"},
        {ERROR_ALREADY_EXISTS, "ERROR_ALREADY_EXISTS"},
        {ERROR_NO_DATA, "ERROR_NO_DATA"},
        {ERROR_NOT_FOUND, "ERROR_NOT_FOUND"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].error == error) {
            return names[i].name;
        }
    }
    return "an undocumented error";
}
