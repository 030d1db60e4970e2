#include "acct/record/record_view.h"

#include <bit>

namespace cpuagg::acct {

double RecordView::raw_elapsed() const {
  if (layout_->version == kVersion3.version) {
    return double{std::bit_cast<float>(At32(layout_->elapsed))};
  }
  // Versions 1 and 2 have the time twice: as a comp_t, and more precisely as a comp2_t.
  if (layout_->elapsed_high != kAbsent) {
    const uint32_t bits = uint32_t{bytes_[layout_->elapsed_high]} << 16 |
                          At16(static_cast<size_t>(layout_->elapsed_high) + 1);
    if (bits != 0) return static_cast<double>(DecodeComp2T(bits));
  }
  return static_cast<double>(CompTAt(layout_->elapsed));
}

}  // namespace cpuagg::acct
