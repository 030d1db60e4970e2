// What LeakSanitizer shall not report of programs that draw text: the fonts that fontconfig keeps
// until the process ends. It links them by offsets instead of pointers (FcPattern::elts_offset), so
// that the sanitizer takes them for lost. Freeing them at the end instead is a race: pango's thread
// for fontconfig may still use them.

#ifdef __SANITIZE_ADDRESS__

// The sanitizer calls these by name (sanitizer/lsan_interface.h).
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_options();

extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig.so\n"; }

// A summary of what was suppressed would be taken for the program's own messages.
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }

#endif  // __SANITIZE_ADDRESS__
