#include "stats/autocorrelation/local.h"

#include "base/parallel.h"
#include "stats/rate/probability.h"

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

static void put_item(const rm_local_out *out, int64_t row, const rm_local_item *item)
{
    put(out->statistic, row, item->statistic);
    put(out->expected, row, item->expected);
    put(out->variance, row, item->variance);
    put(out->z, row, item->z);
    if (out->p)
        out->p[row] = rm_normal_two_sided(item->z);
    put(out->p_ge, row, item->p.ge);
    put(out->p_le, row, item->p.le);
    put(out->p_folded, row, item->p.folded);
    put(out->p_two_sided, row, item->p.two_sided);
    put(out->permuted_mean, row, item->permuted_mean);
    put(out->permuted_sd, row, item->permuted_sd);
    if (out->quadrant)
        out->quadrant[row] = item->quadrant;
}

typedef struct writing {
    const rm_local_out *out;
    const rm_lattice *lattice;
    rm_local_fn of;
    const void *context;
} writing;

static rm_status write_items(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const writing *w = context;
    (void)worker;
    (void)err;
    for (int64_t i = begin; i < end; i++) {
        rm_local_item item = w->of(w->context, i);
        put_item(w->out, rm_lattice_row(w->lattice, i), &item);
    }
    return RM_OK;
}

/* Items come in the order of their rows. */
static void write_missing(const rm_local_out *out, const rm_lattice *lattice)
{
    rm_local_item none = rm_local_item_none(RM_LISA_UNDEFINED);
    int64_t next = 0;
    for (int64_t row = 0; lattice->row && row < lattice->rows; row++) {
        if (next < lattice->items && lattice->row[next] == row)
            next++;
        else
            put_item(out, row, &none);
    }
}

rm_status rm_local_write(const rm_local_out *out, const rm_lattice *lattice, rm_local_fn of,
                         const void *context, int threads, rm_error *err)
{
    writing w = {out, lattice, of, context};
    /* nothing is written when this fails: only its beginning can */
    RM_TRY(rm_parallel(lattice->items, 8192, threads, write_items, &w, NULL, NULL, err));
    write_missing(out, lattice);
    if (out->islands)
        *out->islands = lattice->islands;
    if (out->missing)
        *out->missing = lattice->rows - lattice->items;
    return RM_OK;
}
