/* Weights as handles. */
#ifndef RM_API_WEIGHTS_H
#define RM_API_WEIGHTS_H

#include "base/weights.h"
#include "riskmap/weights.h"

/* Hands weights over when status is RM_OK; what they hold is released when it is not, or when that
 * fails. */
rm_status rm_weights_hand_over(rm_weights **out, rm_weights *made, rm_status status, rm_error *err);

#endif
