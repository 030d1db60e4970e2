// Compares cpuagg with GNU acct, zcat and zstd, and files of several sizes, as tables of `peers`.

#ifndef CPUAGG_BENCHMARKS_PEER_RATIOS_H_
#define CPUAGG_BENCHMARKS_PEER_RATIOS_H_

#include <vector>

#include "benchmarks/peer_files.h"
#include "benchmarks/process_comparison.h"

namespace cpuagg::benchmarks {

// Makes the files, and checks that what is compared gives the same results.
void PreparePeerRatios(const PeerFiles& files);
std::vector<Comparison> PeerRatios(const PeerFiles& files);

// Prints the ratios, and how the time of a record grows with the content of a file.
void PrintPeerRatios(const PeerFiles& files, int rounds);

}  // namespace cpuagg::benchmarks

#endif  // CPUAGG_BENCHMARKS_PEER_RATIOS_H_
