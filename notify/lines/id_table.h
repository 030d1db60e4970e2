// IdTable: caches a value for each id of a user, a group or a terminal, to look it up for every
// record.
//
//   IdTable<std::string> names;
//   names.Get(uid.value(), [&] { return NameOf(uid); })
//
// Recently used ids are found without hashing. Users' ids are mostly consecutive, so their low bits
// give each a slot of its own. Unlike a cache of only the last id, this does not depend on the
// order of ids.

#ifndef CPUAGG_NOTIFY_LINES_ID_TABLE_H_
#define CPUAGG_NOTIFY_LINES_ID_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/container/flat_hash_map.h"

namespace cpuagg::notify {

template <typename Value>
class IdTable {
 public:
  // The value that `make()` returned when `id` was first looked up. Valid as long as the table.
  template <typename Make>
  ABSL_ATTRIBUTE_ALWAYS_INLINE Value& Get(uint32_t id, const Make& make) {
    Place& place = places_[id % kPlaces];
    if (place.value == nullptr || place.id != id) [[unlikely]] {
      place = {.id = id, .value = &Find(id, make)};
    }
    return *place.value;
  }

 private:
  static constexpr size_t kPlaces = 1024;

  struct Place {
    uint32_t id = 0;
    Value* value = nullptr;
  };

  template <typename Make>
  ABSL_ATTRIBUTE_NOINLINE Value& Find(uint32_t id, const Make& make) {
    std::unique_ptr<Value>& value = values_[id];
    if (value == nullptr) value = std::make_unique<Value>(make());
    return *value;
  }

  std::vector<Place> places_ = std::vector<Place>(kPlaces);
  absl::flat_hash_map<uint32_t, std::unique_ptr<Value>> values_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_ID_TABLE_H_
