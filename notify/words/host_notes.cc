#include "notify/words/host_notes.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/usage/grouping.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::HostState;
using aggregate::Report;

constexpr size_t kMostNamesShown = 5;
constexpr size_t kBriefNamed = 3;

// Adds a note about those of the hosts for which `about` has a text: what follows the name, or "".
// "3 of 200 hosts have TEXT: a (not since 2026-11-25 03:00), b, c."
void AddNote(const Report& report, absl::string_view text,
             const std::function<std::optional<std::string>(const HostState&)>& about,
             std::vector<Note>& notes) {
  std::vector<std::string> named;
  std::vector<std::string> brief;
  for (const HostState& host : report.hosts) {
    const std::optional<std::string> detail = about(host);
    if (!detail.has_value()) continue;
    brief.push_back(Printable(host.name));
    named.push_back(detail->empty() ? brief.back()
                                    : absl::StrCat(brief.back(), " (", *detail, ")"));
  }
  if (named.empty()) return;
  const std::string hosts =
      absl::StrCat(WithThousands(named.size()), " of ", Pluralize(report.hosts.size(), "host"),
                   named.size() == 1 ? " has" : " have");
  notes.push_back({NoteKind::kMeaning,
                   absl::StrCat(hosts, " ", text, ": ", FirstNames(named, kMostNamesShown), "."),
                   absl::StrCat("⚠ ", hosts, " ", text, ": ", FirstNames(brief, kBriefNamed))});
}

}  // namespace

void AddHostNotes(const Report& report, std::vector<Note>& notes) {
  if (report.hosts.size() < 2) return;
  const auto at = [&](absl::Time time) {
    return absl::FormatTime("%Y-%m-%d %H:%M", time, report.time_zone);
  };
  using Detail = std::optional<std::string>;
  AddNote(
      report, "not reported lately",
      [&](const HostState& host) -> Detail {
        if (!host.is_late) return std::nullopt;
        return host.last_run.has_value() ? absl::StrCat("not since ", at(*host.last_run))
                                         : std::string("never");
      },
      notes);
  AddNote(
      report, "a clock that is ahead",
      [&](const HostState& host) -> Detail {
        if (!host.is_ahead) return std::nullopt;
        return absl::StrCat("last run ", at(*host.last_run));
      },
      notes);
  AddNote(
      report, "accounting off, as it seems",
      [&](const HostState& host) -> Detail {
        if (!host.accounting_off_since.has_value()) return std::nullopt;
        return *host.accounting_off_since == absl::InfinitePast()
                   ? std::string()
                   : absl::StrCat("since ", at(*host.accounting_off_since));
      },
      notes);
  // The note about the report says when the first of all records begin, if that is late.
  AddNote(
      report, "no records of the beginning of the period",
      [&](const HostState& host) -> Detail {
        if (!host.records_begin.has_value() || host.records_begin == report.records_begin) {
          return std::nullopt;
        }
        return absl::StrCat("from ", at(*host.records_begin));
      },
      notes);
  if (!report.is_of_store) {
    AddNote(
        report, "no records of the end of the period",
        [&](const HostState& host) -> Detail {
          if (!host.records_end.has_value() || host.records_end == report.records_end) {
            return std::nullopt;
          }
          return absl::StrCat("until ", at(*host.records_end));
        },
        notes);
  }
  if (report.previous.has_value()) {
    AddNote(
        report, "not all of the period that this is compared with",
        [](const HostState& host) -> Detail {
          return host.has_unknown_before ? Detail("") : std::nullopt;
        },
        notes);
  }
  if (report.asked_period.has_value()) {
    AddNote(
        report, "counted more than the period that was asked for",
        [](const HostState& host) -> Detail { return host.is_widened ? Detail("") : std::nullopt; },
        notes);
  }
  if (report.users_with_several_ids.empty()) return;
  std::vector<std::string> users;
  for (const std::string& user : report.users_with_several_ids) users.push_back(Printable(user));
  const char* const have = users.size() == 1 ? " has" : " have";
  const bool by_host = aggregate::Has(report.by, aggregate::Dimension::kHost);
  notes.push_back(
      {NoteKind::kMeaning,
       absl::StrCat(FirstNames(users, kMostNamesShown), have, " other ids on other hosts",
                    by_host ? "." : "; users of one name are counted as one."),
       absl::StrCat(FirstNames(users, kBriefNamed), have, " other ids on other hosts")});
}

}  // namespace cpuagg::notify
