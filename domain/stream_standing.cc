#include "domain/stream_standing.h"

#include <algorithm>

#include "base/planted.h"
#include "proto/limits.h"

namespace chibo {
namespace {

bool Fits(pb::Role role, pb::StreamKind kind) {
  switch (role) {
    case pb::SERVER:
      return kind == pb::LINE || kind == pb::DOWN || kind == pb::TO;
    case pb::SECRETARY:
    case pb::DEPUTY:
      return kind == pb::LINE || kind == pb::TO;
    default:
      return false;
  }
}

bool Names(const pb::UnitChangeBody& body, const UnitId& unit) {
  return std::any_of(body.from().begin(), body.from().end(),
                     [&](const Bytes& from) { return from == unit.view(); });
}

}  // namespace

// ---- What comes in

bool StreamStanding::Put(const StreamState& state, const CertificateId& certificate, bool held) {
  auto [at, added] = streams_.try_emplace(state.id, Stream{state, certificate, held});
  if (!added) {
    // The genesis is the id: nothing but how far the stream is held can differ.
    at->second.state = at->second.held && !held ? at->second.state : state;
    const bool news = held && !at->second.held;
    at->second.held = at->second.held || held;
    return news;
  }
  of_certificate_[certificate].insert(state.id);
  of_unit_[state.unit].insert(state.id);
  return true;
}

void StreamStanding::AddRegister(const std::shared_ptr<const Fact>& fact, const Spot& spot) {
  const pb::Register& record = fact->record->register_();
  for (const pb::Point& point : record.received()) {
    const auto stream = StreamId::From(point.stream());
    if (!stream) {
      continue;
    }
    const Position at{*stream, point.size(), Hash::From(point.root()).value_or(Hash())};
    registrations_[*stream].try_emplace({spot, fact->name.position}, Registration{spot, at, fact});
    registered_in_[spot.stream].insert(*stream);
    if (branches_.IsForked(*stream)) {
      Touch(*stream);
    }
  }
}

void StreamStanding::Touch(const StreamId& stream) {
  if (!touched_.insert(stream).second) {
    return;
  }
  const auto registered = registered_in_.find(stream);
  if (registered == registered_in_.end()) {
    return;
  }
  for (const StreamId& other : registered->second) {
    if (branches_.IsForked(other)) {
      Touch(other);
    }
  }
}

void StreamStanding::TouchWriter(const CertificateId& certificate) {
  const auto written = of_certificate_.find(certificate);
  if (written != of_certificate_.end()) {
    for (const StreamId& stream : written->second) {
      Touch(stream);
    }
  }
}

void StreamStanding::TouchUnit(const UnitId& unit) {
  const auto anchored = of_unit_.find(unit);
  if (anchored != of_unit_.end()) {
    for (const StreamId& stream : anchored->second) {
      Touch(stream);
    }
  }
}

// ---- Standing

const StreamState* StreamStanding::Find(const StreamId& stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : &found->second.state;
}

const Certificate* StreamStanding::WriterOf(const StreamId& stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : chain_.Find(found->second.certificate);
}

bool StreamStanding::RestsOnGrowth(const StreamId& stream) const {
  const Certificate* writer = WriterOf(stream);
  return branches_.IsForked(stream) || !chain_.Naming(stream).empty() ||
         (writer != nullptr && !writer->unlimited());
}

SetAside StreamStanding::WriterStanding(const Stream& stream) const {
  const Certificate* writer = chain_.Find(stream.certificate);
  if (writer == nullptr || !writer->known) {
    return SetAside::kCertificateUnknown;
  }
  if (!writer->holds()) {
    return writer->status.verdict;
  }
  const bool fits = writer->unit == stream.state.unit && writer->key == stream.state.device &&
                    Fits(writer->body.role(), stream.state.kind);
  return fits ? SetAside::kCounts : SetAside::kWrongScope;
}

SetAside StreamStanding::StandingAt(const Spot& spot, std::uint32_t hops) const {
  const auto found = streams_.find(spot.stream);
  if (found == streams_.end()) {
    return SetAside::kCertificateUnknown;
  }
  const Stream& stream = found->second;
  const SetAside writing = WriterStanding(stream);
  if (writing != SetAside::kCounts) {
    return writing;
  }
  const Certificate& writer = *chain_.Find(stream.certificate);
  if (const Statement* cut = chain_.CutBy(writer, spot)) {
    if (!IsAdopted(writer, spot, chain_.RankOf(*cut))) {
      return cut->kind == Kind::kRevocation ? SetAside::kRevoked : SetAside::kClosed;
    }
  }
  if (const Statement* closing = ClosedBy(stream, spot)) {
    if (!IsAdopted(writer, spot, chain_.RankOf(*closing))) {
      return SetAside::kClosed;
    }
  }
  if (!StandsInFork(writer, spot, hops) && !IsAdopted(writer, spot, CertificateChain::kAll)) {
    return SetAside::kForked;
  }
  return SetAside::kCounts;
}

const Statement* StreamStanding::ClosedBy(const Stream& stream, const Spot& spot) const {
  const Statement* closed_by = nullptr;
  std::uint32_t highest = CertificateChain::kAll;
  for (const Statement* change : chain_.Naming(spot.stream)) {
    if (change->kind != Kind::kUnitChange) {
      continue;
    }
    const pb::UnitChangeBody& body = change->record->unit_change().body();
    const bool about = Names(body, stream.state.unit) ||
                       (stream.state.kind == pb::TO && Names(body, stream.state.other));
    if (!about || !chain_.ChangeHolds(*change) || chain_.RankOf(*change) > highest) {
      continue;
    }
    // Of several closings those of the highest rank decide, and each of them must keep the entry.
    if (chain_.RankOf(*change) < highest) {
      highest = chain_.RankOf(*change);
      closed_by = nullptr;
    }
    if (!branches_.IsBelow(spot, change->points.at(spot.stream))) {
      closed_by = change;
    }
  }
  return closed_by;
}

bool StreamStanding::IsAdopted(const Certificate& writer, const Spot& spot,
                               std::uint32_t rank) const {
  const auto& naming = chain_.Naming(spot.stream);
  return std::any_of(naming.begin(), naming.end(), [&](const Statement* statement) {
    if (statement->kind != Kind::kAdoption) {
      return false;
    }
    const pb::AdoptionBody& body = statement->record->adoption().body();
    const Position end{spot.stream, body.to(), Hash::From(body.root()).value_or(Hash())};
    return spot.index >= body.from() && chain_.RankOf(*statement) <= rank &&
           branches_.IsBelow(spot, end) && chain_.IsSpoken(*statement) &&
           chain_.IsOver(statement->issuer, writer);
  });
}

// ---- Forks

std::vector<Position> StreamStanding::ChosenPoints(const Certificate& writer,
                                                   const StreamId& stream) const {
  std::vector<Position> chosen;
  std::uint32_t highest = CertificateChain::kAll;
  for (const Statement* statement : chain_.Naming(stream)) {
    if (statement->kind != Kind::kForkRuling || !chain_.IsSpoken(*statement) ||
        !chain_.IsOver(statement->issuer, writer) || chain_.RankOf(*statement) > highest) {
      continue;
    }
    if (chain_.RankOf(*statement) < highest) {
      highest = chain_.RankOf(*statement);
      chosen.clear();
    }
    const pb::Point& point = statement->record->fork_ruling().body().chosen();
    chosen.push_back({stream, point.size(), Hash::From(point.root()).value_or(Hash())});
  }
  return chosen;
}

std::vector<std::uint32_t> StreamStanding::AliveBranches(const Certificate& writer,
                                                         const StreamId& stream) const {
  const std::vector<Position> chosen = ChosenPoints(writer, stream);
  std::vector<std::uint32_t> on_all;
  std::vector<std::uint32_t> too_short;
  for (const BranchState& branch : branches_.Of(stream)) {
    if (std::all_of(chosen.begin(), chosen.end(), [&](const Position& point) {
          return branches_.RunsThrough(branch.branch, point);
        })) {
      on_all.push_back(branch.branch);
    } else if (std::all_of(chosen.begin(), chosen.end(), [&](const Position& point) {
                 return branch.size < point.size || branches_.RunsThrough(branch.branch, point);
               })) {
      too_short.push_back(branch.branch);
    }
  }
  // A branch that may still turn out to be the chosen one is not ruled out before that one is held.
  return on_all.empty() ? too_short : on_all;
}

bool StreamStanding::StandsInFork(const Certificate& writer, const Spot& spot,
                                  std::uint32_t hops) const {
  const std::vector<BranchState>& held = branches_.Of(spot.stream);
  std::vector<std::uint32_t> mine;  // branches that have the entry
  std::vector<std::uint32_t> others;
  for (const BranchState& branch : held) {
    (branches_.Contains(branch.branch, spot) ? mine : others).push_back(branch.branch);
  }
  if (mine.empty()) {
    // Known from a copy only. A branch held that long shows it to be of another branch.
    return held.empty() ||
           (spot.proven && std::none_of(held.begin(), held.end(), [&](const BranchState& branch) {
              return branch.size >= spot.proven->size;
            }));
  }
  if (held.size() == 1 && chain_.Naming(spot.stream).empty()) {
    return true;
  }
  const std::vector<std::uint32_t> alive = AliveBranches(writer, spot.stream);
  const auto is_dead = [&](std::uint32_t branch) {
    return std::find(alive.begin(), alive.end(), branch) == alive.end();
  };
  std::erase_if(mine, is_dead);
  std::erase_if(others, is_dead);
  if (mine.empty() || others.empty()) {
    return !mine.empty();
  }
  if (CHIBO_PLANT(kForkCountsTwice, false, true)) {
    return true;
  }
  if (CHIBO_PLANT(kFirstBranchCounts, false, true)) {
    return mine.front() == 0;
  }
  return IsRegistered(spot, hops) &&
         std::none_of(others.begin(), others.end(), [&](std::uint32_t rival) {
           return IsRegisteredPast(spot.stream, rival,
                                   branches_.PartAt(spot.stream, rival, mine.front()), hops);
         });
}

bool StreamStanding::Counts(const Registration& registration, std::uint32_t hops) const {
  const auto registering = streams_.find(registration.spot.stream);
  const auto registered = streams_.find(registration.at.stream);
  if (registering == streams_.end() || registered == streams_.end() ||
      hops > limits::kChainDepthMax) {
    return false;
  }
  const StreamState& by = registering->second.state;
  const UnitId& unit = registered->second.state.unit;
  const Certificate* writer = WriterOf(by.id);
  if (by.kind != pb::TO || by.other != unit || writer == nullptr ||
      writer->body.role() != pb::SERVER) {
    return false;
  }
  const Keeping keeping = chain_.KeepingOf(unit);
  const bool superior = keeping.keeper == by.unit ||
                        std::any_of(keeping.former.begin(), keeping.former.end(),
                                    [&](const auto& former) { return former.first == by.unit; });
  return superior && StandingAt(registration.spot, hops + 1) == SetAside::kCounts;
}

bool StreamStanding::IsRegistered(const Spot& spot, std::uint32_t hops) const {
  const auto all = registrations_.find(spot.stream);
  return all != registrations_.end() &&
         std::any_of(all->second.begin(), all->second.end(), [&](const auto& entry) {
           return branches_.IsBelow(spot, entry.second.at) && Counts(entry.second, hops);
         });
}

bool StreamStanding::IsRegisteredPast(const StreamId& stream, std::uint32_t branch,
                                      std::uint64_t index, std::uint32_t hops) const {
  const auto all = registrations_.find(stream);
  return all != registrations_.end() &&
         std::any_of(all->second.begin(), all->second.end(), [&](const auto& entry) {
           const Registration& registration = entry.second;
           return registration.at.size > index && branches_.RunsThrough(branch, registration.at) &&
                  Counts(registration, hops);
         });
}

std::vector<const Registration*> StreamStanding::RegistrationsOf(const StreamId& stream) const {
  std::vector<const Registration*> counting;
  const auto all = registrations_.find(stream);
  if (all != registrations_.end()) {
    for (const auto& [place, registration] : all->second) {
      if (Counts(registration, 0)) {
        counting.push_back(&registration);
      }
    }
  }
  return counting;
}

}  // namespace chibo
