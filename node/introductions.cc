#include "node/introductions.h"

#include <algorithm>
#include <string>

#include "node/copies.h"
#include "node/visibility.h"
#include "proto/limits.h"

namespace chibo {
namespace {

constexpr std::string_view kPairs = "introduced/";

std::string ToldKey(const UnitId& reader, const Fact& fact) {
  return "told/" + reader.hex() + "/" + PlaceHere(fact);
}

}  // namespace

Status Introductions::Note(const Fact& transfer) {
  const auto from = UnitId::From(transfer.record->transfer().from());
  const auto to = UnitId::From(transfer.record->transfer().to());
  if (!from || !to) {
    return {};
  }
  const auto [one, other] = std::minmax(*from, *to);
  return log_.PutValue(std::string(kPairs) + one.hex() + other.hex(), "1");
}

bool Introductions::AreIntroducedHere(const UnitId& one, const UnitId& other) const {
  const Visibility may(projector_.authority());
  const auto towards_one = may.ChildTowards(settings_.unit, one);
  const auto towards_other = may.ChildTowards(settings_.unit, other);
  return towards_one && towards_other && towards_one != towards_other;
}

bool Introductions::IsCrossing(const Stream& stream) const {
  return stream.kind == pb::TO && AreIntroducedHere(stream.unit, stream.other);
}

Result<std::set<std::pair<UnitId, UnitId>>> Introductions::Pairs() const {
  std::set<std::pair<UnitId, UnitId>> pairs;
  CHIBO_TRY_VALUE(const auto keys, log_.KeysBelow(kPairs));
  for (const std::string& key : keys) {
    const auto both = FromHex(ByteView(key).substr(kPairs.size()));
    if (!both || both->size() != 2 * UnitId::kSize) {
      return Fail(Code::kDamaged, "store_damaged", key);
    }
    pairs.insert({UnitId::FromChecked(both->substr(0, UnitId::kSize)),
                  UnitId::FromChecked(both->substr(UnitId::kSize))});
  }
  return pairs;
}

// What the unit is, and the devices of it and of who may read what is written to it.
void Introductions::AddAbout(const UnitId& unit, Facts& facts) const {
  const Authority& authority = projector_.authority();
  const auto add = [&](std::vector<Fact>&& evidence) {
    for (Fact& fact : evidence) {
      facts.try_emplace(fact.name, std::move(fact));
    }
  };
  const auto add_devices = [&](const UnitId& of, pb::Role role) {
    for (const ValidCertificate& device : authority.Current(of, role)) {
      add(authority.EvidenceFor(device.id));
    }
  };
  add(authority.EvidenceFor(unit));
  for (const pb::Role role : {pb::SECRETARY, pb::DEPUTY, pb::SERVER}) {
    add_devices(unit, role);
  }
  if (const auto superior = authority.KeeperOf(unit)) {
    add_devices(*superior, pb::SERVER);
  }
}

// The reader and the units between, who hold what this unit writes to it.
std::vector<UnitId> Introductions::WayTo(const UnitId& reader) const {
  std::vector<UnitId> way;
  for (auto at = std::optional(reader);
       at && *at != settings_.unit && way.size() <= limits::kChainDepthMax;
       at = projector_.authority().KeeperOf(*at)) {
    way.push_back(*at);
  }
  return way;
}

Result<bool> Introductions::IsToldTo(const UnitId& reader, const Fact& fact) const {
  const Stream* stream = streams_.Find(fact.name.stream);
  if (stream == nullptr || Visibility(projector_.authority()).MayHold(*stream, reader)) {
    return true;  // known here as a copy from above, which those below hold too; or held there
  }
  CHIBO_TRY_VALUE(const auto copied, log_.Value("copied/" + PlaceHere(fact)));
  CHIBO_TRY_VALUE(const auto told, log_.Value(ToldKey(reader, fact)));
  return copied || told;
}

Result<std::vector<pb::Record>> Introductions::CopiesFor(const UnitId& reader, const Facts& facts) {
  std::vector<pb::Record> copies;
  for (const auto& [name, fact] : facts) {
    CHIBO_TRY_VALUE(const bool told, IsToldTo(reader, fact));
    if (told) {
      continue;
    }
    auto copy = MakeCopy(streams_, log_, fact);
    if (!copy && IsPassedOver(copy.error())) {
      continue;
    }
    CHIBO_TRY(copy);
    for (const UnitId& unit : WayTo(reader)) {
      CHIBO_TRY(log_.PutValue(ToldKey(unit, fact), "1"));
    }
    copies.push_back(*std::move(copy));
  }
  return copies;
}

Result<std::vector<Introductions::Told>> Introductions::Lacking() {
  std::map<UnitId, Facts> needed;
  const auto introduce = [&](const UnitId& one, const UnitId& other) {
    AddAbout(other, needed[one]);
    AddAbout(one, needed[other]);
  };
  CHIBO_TRY_VALUE(const auto pairs, Pairs());
  for (const auto& [one, other] : pairs) {
    if (AreIntroducedHere(one, other)) {
      introduce(one, other);
    }
  }
  for (const Stream* stream : streams_.All()) {
    if (!IsCrossing(*stream)) {
      continue;
    }
    introduce(stream->unit, stream->other);
    for (Fact& fact : projector_.authority().EvidenceFor(stream->id)) {
      needed[stream->other].try_emplace(fact.name, std::move(fact));
    }
  }
  // The farthest first: what is told to them is held on the way.
  std::vector<std::pair<std::size_t, UnitId>> readers;
  for (const auto& [reader, facts] : needed) {
    readers.emplace_back(limits::kChainDepthMax + 2 - WayTo(reader).size(), reader);
  }
  std::sort(readers.begin(), readers.end());
  std::vector<Told> told;
  for (const auto& [depth, reader] : readers) {
    CHIBO_TRY_VALUE(auto copies, CopiesFor(reader, needed[reader]));
    std::size_t bytes = limits::kCopiesBytesMax;
    for (pb::Record& copy : copies) {
      bytes += copy.ByteSizeLong();
      if (bytes > limits::kCopiesBytesMax) {
        told.push_back({reader, {}});
        bytes = copy.ByteSizeLong();
      }
      told.back().copies.push_back(std::move(copy));
    }
  }
  return told;
}

}  // namespace chibo
