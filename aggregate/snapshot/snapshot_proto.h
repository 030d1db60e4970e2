// Converts a snapshot's header and body to and from the protobuf messages of
// aggregate/snapshot/snapshot.proto, field by field. snapshot.cc puts these into a file, with their
// checksums.

#ifndef CPUAGG_AGGREGATE_SNAPSHOT_SNAPSHOT_PROTO_H_
#define CPUAGG_AGGREGATE_SNAPSHOT_SNAPSHOT_PROTO_H_

#include "aggregate/snapshot/snapshot.h"
#include "aggregate/snapshot/snapshot.pb.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// `buckets` are the beginnings of the first and the last bucket of the rows. The caller fills in
// what depends on the encoded body: the lengths of its buckets and its checksum.
storage::Header HeaderToProto(const SnapshotHeader& header, const TimeSpan& buckets);
// If the buckets cannot be decoded, the whole time of the snapshot becomes one bucket.
SnapshotHeader HeaderFromProto(const storage::Header& proto);

storage::Body BodyToProto(const Snapshot& snapshot);
// Fills all of `snapshot` except the header, which must already be there, and rows that are not
// wanted. False if `body` is inconsistent.
bool BodyFromProto(storage::Body& body, WantedRows rows, Snapshot& snapshot);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_SNAPSHOT_SNAPSHOT_PROTO_H_
