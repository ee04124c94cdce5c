#include "node/cli/csv.h"
#include "node/cli/roster.h"
#include "node/enrolment.h"
#include "node/identity.h"
#include "tests/fuzz/targets.h"

namespace chibo::fuzz {

void TakeInvite(ByteView bytes) {
  const auto invite = ReadInvite(bytes);
  if (invite) {
    const Settings settings = SettingsFrom(*invite);
    CHECK(settings.parent.has_value() && settings.parent_noise.has_value());
  }
}

void TakeKeyFile(ByteView bytes) {
  const auto file = ParseKeyFile(bytes);
  // The cost is what the file says: bounded by KeyFromPassphrase, too slow to fuzz.
  if (file && file->memory_kib() <= 64 && file->passes() <= 2) {
    const auto key = UnlockKey(*file, "mật khẩu");
    CHECK(!key || key->sign.public_key() == SignKeyOf(*file));
  }
}

void TakeRoster(ByteView bytes) {
  const auto roster = ReadRoster(bytes);
  if (!roster) {
    CHECK(!roster.error().reason.empty());
    return;
  }
  for (const RosterProblem& problem : roster->problems) {
    CHECK(problem.line > 0 && !problem.reason.empty());
  }
  for (const RosterPerson& person : roster->persons) {
    // Each either has what is needed or is among the problems.
    const bool whole =
        !person[RosterColumn::kName].empty() && person.birth != 0 && person.admitted != 0;
    CHECK(whole || !roster->problems.empty());
    // No cell that we write is taken for a formula or breaks its line.
    const std::string line = CsvLine({person[RosterColumn::kName], person[RosterColumn::kNote]});
    const auto again = ReadCsv("a,b\n" + line);
    CHECK(!again || again->rows.size() <= 1);
  }
}

}  // namespace chibo::fuzz
