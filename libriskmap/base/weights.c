#include "base/weights.h"

void rm_weights_clear(rm_weights *weights)
{
    rm_release(weights->start);
    rm_release(weights->to);
    rm_release(weights->weight);
    *weights = (rm_weights){0};
}
