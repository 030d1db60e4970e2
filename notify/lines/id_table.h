// IdTable: something that is worked out once for each id of a user, a group or a terminal, and then
// asked for with every record.
//
//   IdTable<std::string> names;
//   names.Get(uid.value(), [&] { return NameOf(uid); })
//
// Ids that were asked for lately are found without a hash: users' ids are mostly in a row, so that
// their low bits are a place of their own for each. Unlike a memory of the last id alone, that does
// not depend on the order in which they come.

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
  // What `make()` gave when `id` was asked for first. Valid as long as the table.
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
