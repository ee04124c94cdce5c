// What comes in through the command line and the files named there.
#include "node/cli/backup_manifest.h"
#include "node/cli/csv.h"
#include "node/cli/decision_file.h"
#include "node/cli/options.h"
#include "node/cli/roster.h"
#include "node/net/control_message.h"
#include "node/net/sync_server.h"
#include "tests/fuzz/targets.h"

namespace chibo::fuzz {

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

// What another process says over the control socket.
void TakeControlMessage(ByteView bytes) {
  if (const auto request = DecodeRequest(bytes)) {
    const auto again = DecodeRequest(Encode(*request));
    CHECK(again && again->words == request->words && again->inputs == request->inputs &&
          again->passphrases == request->passphrases);
  }
  if (const auto answer = DecodeAnswer(bytes)) {
    const auto again = DecodeAnswer(Encode(*answer));
    CHECK(again && again->lines == answer->lines && again->files == answer->files &&
          again->code == answer->code);
  }
}

// Words of a command, one a line.
void TakeWords(ByteView bytes) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    words.emplace_back(bytes.substr(at, end - at));
    at = end + 1;
  }
  for (const Language language : {Language::kVietnamese, Language::kEnglish}) {
    const auto invocation = ParseWords(words, Catalogue::In(language));
    CHECK(invocation || invocation.error().code == Code::kUsage);
    CHECK(!invocation || invocation->command != nullptr || !invocation->help.empty());
  }
  for (const std::string& word : words) {
    if (const auto address = NetAddress::Parse(word)) {
      CHECK(!address->host.empty() && !address->port.empty());
    }
  }
}

void TakeManifest(ByteView bytes) {
  const auto items = ReadManifest(bytes, "manifest.json");
  if (!items) {
    CHECK(items.error().code == Code::kMalformed);
    return;
  }
  for (const BackupItem& item : *items) {
    // Nothing is read or written beside the backup.
    CHECK(item.name.find("..") == std::string::npos || item.name.starts_with("keys/"));
    CHECK(item.name.find('/') == item.name.rfind('/'));
  }
}

void TakeDecisionLine(ByteView bytes) {
  const DecisionFile file = ReadDecisionFile({bytes}, "");
  CHECK(file.lines.size() + file.problems.size() <= 1);
  for (const DecisionProblem& problem : file.problems) {
    CHECK(problem.error.code == Code::kBadInput && problem.column <= bytes.size() + 1);
  }
}

}  // namespace chibo::fuzz
