// A snapshot's header and body as the protobuf messages of aggregate/snapshot/snapshot.proto, field
// by field. snapshot.cc puts these into a file, with their checksums.

#ifndef CPUAGG_AGGREGATE_SNAPSHOT_SNAPSHOT_PROTO_H_
#define CPUAGG_AGGREGATE_SNAPSHOT_SNAPSHOT_PROTO_H_

#include "aggregate/snapshot/snapshot.h"
#include "aggregate/snapshot/snapshot.pb.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// `buckets` are the beginnings of the first and the last bucket of the rows. The two fields that
// depend on the encoded body, its buckets' lengths and its checksum, are the caller's to fill in.
storage::Header HeaderToProto(const SnapshotHeader& header, const TimeSpan& buckets);
// Where buckets do not decode, the whole stretch of the snapshot is one bucket.
SnapshotHeader HeaderFromProto(const storage::Header& proto);

storage::Body BodyToProto(const Snapshot& snapshot);
// Fills all of `snapshot` but its header, which has to be there already. False if what is in `body`
// does not fit together.
bool BodyFromProto(storage::Body& body, Snapshot& snapshot);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_SNAPSHOT_SNAPSHOT_PROTO_H_
