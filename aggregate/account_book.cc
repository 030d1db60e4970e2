#include "aggregate/account_book.h"

namespace cpuagg::aggregate {

uint32_t AccountBook::Add(const Account& account) {
  const auto next = static_cast<uint32_t>(accounts_.size());
  if (!account.name.has_value()) {
    const auto [latest, is_new] = latest_.try_emplace(account.uid, next);
    if (is_new) accounts_.push_back(account);
    return latest->second;
  }
  const auto [found, is_new] = named_.try_emplace({account.uid, *account.name}, next);
  if (is_new) accounts_.push_back(account);
  latest_[account.uid] = found->second;
  return found->second;
}

}  // namespace cpuagg::aggregate
