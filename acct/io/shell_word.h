// ShellWord: quotes a path for a command that an error message suggests.

#ifndef CPUAGG_ACCT_IO_SHELL_WORD_H_
#define CPUAGG_ACCT_IO_SHELL_WORD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::acct {

// `text` as one word of a shell command. Quotes it if necessary.
std::string ShellWord(absl::string_view text);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_SHELL_WORD_H_
