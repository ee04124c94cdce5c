#include "tests/fuzz/targets.h"

#include <algorithm>

#include "base/check.h"

namespace chibo::fuzz {
namespace {

constexpr Target kTargets[] = {
    {"handshake", TakeHandshake},
    {"frame", TakeFrames},
    {"chunk", TakeChunk},
    {"columns", TakeColumns},
    {"folded_text", TakeFoldedText},
    {"server", TalkToServer},
    {"client", TalkToClient},
    {"sessions", DriveSessions},
    {"pairing", TalkToPairing},
    {"entry", TakeEntry},
    {"record", TakeRecord},
    {"certificate", TakeCertificate},
    {"note", TakeNote},
    {"made_entry", MakeEntries},
    {"verify_entry", VerifyEntry},
    {"copy", TakeCopy},
    {"invite", TakeInvite},
    {"request", TakeRequest},
    {"grant", TakeGrantFile},
    {"key_file", TakeKeyFile},
    {"action", TakeAction},
    {"typed_value", TakeTypedValue},
    {"store", OpenStore},
    {"control", TakeControlMessage},
    {"words", TakeWords},
    {"roster", TakeRoster},
    {"decision_line", TakeDecisionLine},
    {"manifest", TakeManifest},
    {"scenario", TakeScenario},
};

}  // namespace

std::span<const Target> Targets() { return kTargets; }

const Target& TargetNamed(std::string_view name) {
  const auto found = std::find_if(std::begin(kTargets), std::end(kTargets),
                                  [&](const Target& target) { return target.name == name; });
  CHECK(found != std::end(kTargets));
  return *found;
}

}  // namespace chibo::fuzz
