#include "tools/report/unknown_names.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "notify/words/text.h"

namespace cpuagg::tools {
namespace {

void Warn(const aggregate::UnknownNames& names, absl::string_view noun, absl::string_view when,
          absl::string_view effect, Console& console) {
  if (names.unknown == 0) return;
  console.Warn(absl::StrCat("the names of ", notify::WithThousands(names.unknown), " of ",
                            notify::Pluralize(names.ids, noun), " are not known", when, ": ",
                            absl::StrJoin(names.reasons, "; "), "; ", effect));
}

}  // namespace

void WarnOfUnknownNames(const aggregate::UserDirectory& directory, Console& console,
                        bool by_department) {
  constexpr char kById[] = "they are shown by id";
  Warn(directory.unknown_users(), "user", "",
       by_department ? "they have a department only if --group-file has their ids" : kById,
       console);
  Warn(directory.unknown_groups(), "group", "", kById, console);
}

void WarnOfUnresolvedUsers(const aggregate::UnknownNames& users, Console& console) {
  Warn(users, "user", " yet", "they are shown by id until a later run finds them", console);
}

}  // namespace cpuagg::tools
