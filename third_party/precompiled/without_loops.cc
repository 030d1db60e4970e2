#include "third_party/precompiled/for_libraries.cc"
