#include "acct/io/fault_guard.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace cpuagg::acct {
namespace {

// The data of the handler: only lock-free atomics. `in_use` reserves a slot; the handler uses it
// once `size` is not zero.
struct Slot {
  std::atomic<bool> in_use{false};
  std::atomic<uintptr_t> begin{0};
  std::atomic<size_t> size{0};
  std::atomic<bool> tripped{false};
};
static_assert(std::atomic<uintptr_t>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

// More than there are threads that read a file each.
constexpr int kSlots = 1024;
constinit std::array<Slot, kSlots> slots;
struct sigaction previous_action;
uintptr_t bytes_of_page;

void OnBusError(int signal, siginfo_t* info, void* context) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(info->si_addr);
  for (Slot& slot : slots) {
    const size_t size = slot.size.load(std::memory_order_acquire);
    const uintptr_t begin = slot.begin.load(std::memory_order_relaxed);
    if (size == 0 || address < begin || address >= begin + size) continue;
    const uintptr_t page = address / bytes_of_page * bytes_of_page;
    // All pages after a lost one are lost too.
    void* const replaced = mmap(reinterpret_cast<void*>(page), begin + size - page, PROT_READ,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (replaced == MAP_FAILED) break;
    slot.tripped.store(true, std::memory_order_release);
    return;
  }
  if ((previous_action.sa_flags & SA_SIGINFO) != 0) {
    previous_action.sa_sigaction(signal, info, context);
  } else if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN) {
    previous_action.sa_handler(signal);
  } else {
    // On return the access is repeated and raises SIGBUS again, now for the previous handler.
    sigaction(SIGBUS, &previous_action, nullptr);
  }
}

bool InstallHandler() {
  bytes_of_page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  struct sigaction action = {};
  action.sa_sigaction = OnBusError;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  return sigaction(SIGBUS, &action, &previous_action) == 0;
}

}  // namespace

FaultGuard::~FaultGuard() {
  if (slot_ < 0) return;
  Slot& slot = slots[static_cast<size_t>(slot_)];
  slot.size.store(0, std::memory_order_release);
  slot.in_use.store(false, std::memory_order_release);
}

absl::Status FaultGuard::Watch(const void* data, size_t size) {
  static const bool installed = InstallHandler();
  if (!installed) return absl::InternalError("cannot install a handler for SIGBUS");
  for (int i = 0; i < kSlots; ++i) {
    Slot& slot = slots[static_cast<size_t>(i)];
    if (slot.in_use.exchange(true, std::memory_order_acq_rel)) continue;
    slot.tripped.store(false, std::memory_order_relaxed);
    slot.begin.store(reinterpret_cast<uintptr_t>(data), std::memory_order_relaxed);
    slot.size.store(size, std::memory_order_release);
    slot_ = i;
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("more than ", kSlots, " files are mapped at once"));
}

bool FaultGuard::tripped() const {
  return slot_ >= 0 && slots[static_cast<size_t>(slot_)].tripped.load(std::memory_order_acquire);
}

}  // namespace cpuagg::acct
