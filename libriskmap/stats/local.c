#include "stats/local.h"

#include "stats/moran.h"

#include <math.h>

rm_local_item rm_local_item_none(uint8_t quadrant)
{
    return (rm_local_item){
        NAN, NAN, NAN, NAN, {NAN, NAN, NAN, NAN}, NAN, NAN, quadrant,
    };
}

bool rm_local_wants_moments(const rm_local_out *out)
{
    return out->permuted_mean || out->permuted_sd;
}

bool rm_local_wants_permutations(const rm_local_out *out)
{
    return out->p_ge || out->p_le || out->p_folded || out->p_two_sided ||
           rm_local_wants_moments(out);
}

static void put(double *array, int64_t row, double value)
{
    if (array)
        array[row] = value;
}

void rm_local_put(const rm_local_out *out, int64_t row, const rm_local_item *item)
{
    put(out->statistic, row, item->statistic);
    put(out->expected, row, item->expected);
    put(out->variance, row, item->variance);
    put(out->z, row, item->z);
    put(out->p, row, rm_two_sided(item->z));
    put(out->p_ge, row, item->p.ge);
    put(out->p_le, row, item->p.le);
    put(out->p_folded, row, item->p.folded);
    put(out->p_two_sided, row, item->p.two_sided);
    put(out->permuted_mean, row, item->permuted_mean);
    put(out->permuted_sd, row, item->permuted_sd);
    if (out->quadrant)
        out->quadrant[row] = item->quadrant;
}

void rm_local_begin(const rm_local_out *out, const rm_lattice *lattice)
{
    rm_local_item none = rm_local_item_none(RM_LISA_UNDEFINED);
    for (int64_t row = 0; lattice->row && row < lattice->rows; row++)
        rm_local_put(out, row, &none);
    if (out->islands)
        *out->islands = lattice->islands;
    if (out->missing)
        *out->missing = lattice->rows - lattice->items;
}
