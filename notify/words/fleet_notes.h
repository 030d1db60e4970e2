// Notes about the machines of a fleet.

#ifndef CPUAGG_NOTIFY_WORDS_FLEET_NOTES_H_
#define CPUAGG_NOTIFY_WORDS_FLEET_NOTES_H_

#include <string>
#include <vector>

#include "aggregate/report/report.h"
#include "notify/words/note.h"

namespace cpuagg::notify {

// Adds which hosts have not reported, for a report of a fleet.
void AddFleetNotes(const aggregate::Report& report, std::vector<Note>& notes);

// Why a report of a fleet is empty, of which the engine knows nothing.
std::string NothingOfFleet(const aggregate::Report& report);

// What a report of a fleet is about: "fleet at mimir.example:8080 (200 hosts)".
std::string FleetName(const aggregate::Fleet& fleet);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_FLEET_NOTES_H_
