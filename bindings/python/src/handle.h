/* Handles of C in capsules, and the exceptions of the module. */
#ifndef RISKMAP_PYTHON_HANDLE_H
#define RISKMAP_PYTHON_HANDLE_H

#include "binding.h"

/* A handle may be read by many threads and changed by one: this keeps the account, under the GIL.
 */
bool rmpy_box_enter(rmpy_box *box, bool to_change);
void rmpy_box_leave(rmpy_box *box, bool changed);

/* NULL with an exception: TypeError for anything else, ValueError for None, which is a closed one.
 */
rmpy_box *rmpy_box_of(PyObject *object, rmpy_kind kind);
void *rmpy_box_handle(const rmpy_box *box);

/* Sets the exception that stands for an error. */
void rmpy_raise(PyObject *module, const rm_error *err);

#endif
