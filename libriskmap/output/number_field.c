#include "output/number_field.h"

#include <math.h>

rm_status rm_refuse_number_field(const rm_column *column, const char *use, rm_error *err)
{
    return rm_fail(err, RM_EINVAL,
                   "field %s holds %s, and %s is a number: name a field with numbers", column->name,
                   column->type == RM_TEXT ? "text" : "dates", use);
}

rm_status rm_check_number_type(const rm_column *column, const char *use, rm_error *err)
{
    bool date = column->type == RM_DATE || column->type == RM_DATETIME;
    return date ? rm_refuse_number_field(column, use, err) : RM_OK;
}

rm_status rm_check_number_cells(const rm_column *column, int64_t rows, const char *use,
                                rm_error *err)
{
    bool text = false;
    RM_TRY(rm_check_number_type(column, use, err));
    for (int64_t r = 0; column->type == RM_TEXT && r < rows; r++) {
        bool bad = false;
        if (!isnan(rm_column_number(column, r, &bad)))
            return RM_OK;
        text |= bad;
    }
    return text ? rm_refuse_number_field(column, use, err) : RM_OK;
}
