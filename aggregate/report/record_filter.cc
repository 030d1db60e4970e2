#include "aggregate/report/record_filter.h"

#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {

RecordFilter::RecordFilter(const RowFilter::Choice& choice, const ProcessChoice& processes,
                           const Period& period, UserDirectory& names)
    : filter_(choice),
      period_(period),
      names_(names),
      finder_(choice.users, choice.ignored_users, choice.commands),
      takes_all_choices_(!filter_.chooses_users() && !filter_.chooses_commands()),
      processes_(processes),
      takes_all_processes_(processes.takes_all()) {}

Report RecordFilter::Findings() const {
  Report report;
  report.period = period_;
  if (!ends_.empty()) {
    report.known = {absl::FromUnixSeconds(ends_.first_begin),
                    absl::FromUnixSeconds(ends_.last_end)};
  }
  report.unmatched = finder_.Found();
  report.remaining_rows.rows = taken_ + other_processes_;
  if (report.remaining_rows.rows == 0) {
    report.excluded_users = {.users = ignored_users_.size(), .usage = ignored_};
  }
  return report;
}

RowFilter::User RecordFilter::ChoiceOf(acct::Uid uid, absl::Span<const uint8_t> raw_command) {
  const User& user = UserOf(uid);
  std::optional<std::string> command;
  if (filter_.chooses_commands()) command = CommandText(CommandBitsOf(raw_command));
  if (finder_.IsLooking()) finder_.Add(uid, user.name, command, 1);
  return filter_.TakesCommand(command) ? user.choice : RowFilter::User::kNotAsked;
}

const RecordFilter::User& RecordFilter::UserOf(acct::Uid uid) {
  const auto [place, is_new] = users_.try_emplace(uid);
  User& user = place->second;
  if (is_new) {
    user.name = names_.NameOf(uid).value_or(std::nullopt);
    user.choice = filter_.ChoiceOf(uid, user.name);
  }
  return user;
}

}  // namespace cpuagg::aggregate
