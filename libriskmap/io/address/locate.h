/* Rows that get their place from their address. */
#ifndef RM_IO_ADDRESS_LOCATE_H
#define RM_IO_ADDRESS_LOCATE_H

#include "data/source.h"

/* Opens a source whose rows are placed by request->locate, a layer of addresses with their points:
 * the verblijfsobject of a BAG light GeoPackage or any table with house numbers and postcodes (or
 * streets and places). BAG light holds main addresses only, so a secondary address is never found.
 *
 * The columns of the rows are those of request->address, else guessed from their names (and, only
 * when those say too little, from what stands in them); they are read beside the columns of the
 * request and not delivered. Rows with usable coordinates of their own keep them. The others get
 * the point of their address (see rm_address_verdict), or stay RM_KIND_NONE with an issue;
 * provenance counts them, each once, also those that lie outside the extent and are then only
 * counted in provenance.outside.
 *
 * The address layer is read and indexed here, with request->threads workers; locate->filter leaves
 * out addresses that do not count. Distances are in units of the target CRS, which is RD New when
 * the request names none. */
rm_status rm_open_located(const rm_request *request, rm_source **out, rm_error *err);

#endif
