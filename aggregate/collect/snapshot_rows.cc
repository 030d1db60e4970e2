#include "aggregate/collect/snapshot_rows.h"

#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "acct/record/units.h"
#include "aggregate/buckets/usage_rows.h"

namespace cpuagg::aggregate {

void FillSnapshotRows(const UserBucketTable& usage, const CommandBucketTable& commands,
                      SettledRows settled, const std::vector<UserIdentity>& known,
                      BucketFinder& buckets, Snapshot& snapshot) {
  std::vector<UserIdentity>& all = snapshot.header.accounts;
  all = std::move(settled.accounts);
  absl::flat_hash_map<acct::Uid, uint32_t> accounts;
  for (uint32_t i = 0; i < all.size(); ++i) accounts[all[i].uid] = i;
  for (const UserIdentity& account : known) {
    const auto [place, is_new] =
        accounts.try_emplace(account.uid, static_cast<uint32_t>(all.size()));
    if (!is_new && all[place->second] == account) continue;
    place->second = static_cast<uint32_t>(all.size());
    all.push_back(account);
  }
  std::vector<UserRow> users = std::move(settled.users);
  users.reserve(users.size() + usage.size());
  for (const auto& [key, sums] : usage) {
    users.push_back({.begin = key.begin,
                     .end = buckets.EndOfUser(key.begin),
                     .account = accounts[key.uid],
                     .usage = sums});
  }
  snapshot.users = Joined(std::move(users));
  std::vector<CommandRow> rows = std::move(settled.commands);
  rows.reserve(rows.size() + commands.size());
  for (const auto& [key, sums] : commands) {
    rows.push_back({.begin = key.begin,
                    .end = buckets.EndOfCommand(key.begin),
                    .account = accounts[key.uid],
                    .command = key.command,
                    .usage = sums});
  }
  snapshot.commands = TopCommands(std::move(rows));
}

}  // namespace cpuagg::aggregate
