// Suppressions of LeakSanitizer for programs that draw text: the fonts that fontconfig keeps until
// the process ends. It links them by offsets instead of pointers (FcPattern::elts_offset), so the
// sanitizer believes that they have leaked. Freeing them at the end would be a race, because
// pango's thread for fontconfig may still use them.

#ifdef __SANITIZE_ADDRESS__

// The sanitizer calls these by name (sanitizer/lsan_interface.h).
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_options();

extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig.so\n"; }

// A summary of suppressions would look like the program's own messages.
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }

#endif  // __SANITIZE_ADDRESS__
