# Builds the tests of acct and aggregate without Bazel, for the target machine of CXX, and runs them
# with RUN before each. .ci/other_machines calls it in a chroot that has the libraries.
#
#   make -f .ci/other_machines.mk OUT=/tmp/out CXX=s390x-linux-gnu-g++ RUN=qemu-s390x-static check
#
# Compiles every source file that is not a test, a fuzzer or a main function, so that nothing here
# duplicates the BUILD files.

CXX ?= g++
CXXFLAGS = -std=c++20 -O1 -Wall -Wextra -Wno-missing-field-initializers -I. -I$(OUT)
# -I. finds our own headers, and -I$(OUT) the generated ones: "aggregate/names/names.pb.h".
PKG_CONFIG ?= pkg-config
LIBRARIES = $(shell $(PKG_CONFIG) --libs protobuf libutf8proc zlib liblzma libzstd libcrypto gmock \
    absl_status absl_statusor absl_strings absl_str_format absl_time absl_hash absl_cord \
    absl_flat_hash_map absl_flat_hash_set absl_synchronization absl_random_random absl_int128 absl_cleanup) \
    -lisal -lbz2 -lgtest -lpthread

PROTOS = $(wildcard aggregate/*/*.proto)
SOURCES = $(filter-out %_test.cc %_main.cc %_fuzz.cc,$(wildcard acct/*/*.cc aggregate/*/*.cc notify/lines/gnu_sa.cc notify/lines/sa_reading.cc))
TESTS = $(patsubst %.cc,%,$(wildcard acct/*/*_test.cc acct/*/*/*_test.cc aggregate/*/*_test.cc aggregate/*/*/*_test.cc) \
    $(filter-out %/record_lines_test.cc,$(wildcard notify/lines/*_test.cc)))
# The fuzz targets' corpora, replayed by acct/testing/fuzz_replay_main.cc.
FUZZERS = $(patsubst %.cc,%,$(wildcard acct/fuzz/*_fuzz.cc aggregate/fuzz/*_fuzz.cc))

GENERATED = $(PROTOS:%.proto=$(OUT)/%.pb.h)
OBJECTS = $(SOURCES:%.cc=$(OUT)/%.o) $(PROTOS:%.proto=$(OUT)/%.pb.o)

all: $(TESTS:%=$(OUT)/%) $(FUZZERS:%=$(OUT)/%)

$(OUT)/%.pb.cc $(OUT)/%.pb.h: %.proto
	@mkdir -p $(@D)
	protoc --cpp_out=$(OUT) $<

$(OUT)/%.pb.o: $(OUT)/%.pb.cc $(GENERATED)
	$(CXX) -w $(CXXFLAGS) -c $< -o $@

$(OUT)/%.o: %.cc $(GENERATED)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) -MMD -c $< -o $@

$(OUT)/libcpuagg.a: $(OBJECTS)
	$(AR) rcs $@ $^

$(TESTS:%=$(OUT)/%): $(OUT)/%: $(OUT)/%.o $(OUT)/libcpuagg.a
	$(CXX) $^ -lgtest_main $(LIBRARIES) -o $@

$(FUZZERS:%=$(OUT)/%): $(OUT)/%: $(OUT)/%.o $(OUT)/acct/testing/fuzz_replay_main.o $(OUT)/libcpuagg.a
	$(CXX) $^ $(LIBRARIES) -o $@

.SECONDARY:
-include $(wildcard $(OUT)/*/*/*.d $(OUT)/*/*/*/*.d)
