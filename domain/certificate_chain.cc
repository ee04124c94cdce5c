#include "domain/certificate_chain.h"

#include <algorithm>

#include "proto/message_bytes.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

using Points = google::protobuf::RepeatedPtrField<pb::Point>;

void ReadPoints(const Points& points, std::map<StreamId, Position>& read) {
  for (const pb::Point& point : points) {
    if (const auto stream = StreamId::From(point.stream())) {
      read.try_emplace(*stream,
                       Position{*stream, point.size(), Hash::From(point.root()).value_or(Hash())});
    }
  }
}

template <typename Digests>
std::vector<Hash> ReadDigests(const Digests& digests) {
  std::vector<Hash> read;
  for (const Bytes& bytes : digests) {
    if (const auto digest = Hash::From(bytes)) {
      read.push_back(*digest);
    }
  }
  return read;
}

const Points& OwnPointsOf(const pb::Record& record) {
  return record.has_revocation() ? record.revocation().body().kept()
                                 : record.unit_change().body().closed();
}

bool Before(const Place& a, const Place& b) {
  return std::tie(a.spot, a.genesis) < std::tie(b.spot, b.genesis);
}

template <typename Value>
const std::vector<Value>& None() {
  static const std::vector<Value> kNone;
  return kNone;
}

const std::set<CertificateId>& NoCertificates() {
  static const std::set<CertificateId> kNone;
  return kNone;
}

template <typename Map, typename Key>
const std::set<CertificateId>& CertificatesIn(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? NoCertificates() : found->second;
}

}  // namespace

CertificateChain::CertificateChain(const NetworkId& network, const StreamBranches& branches)
    : network_(network), branches_(branches) {}

// ---- What comes in

void CertificateChain::Add(std::shared_ptr<const pb::Record> record, Place place) {
  const auto kind = static_cast<std::uint32_t>(record->body_case());
  const Hash content = place.fact != nullptr && !place.fact->content.is_zero()
                           ? place.fact->content
                           : ContentDigest(kind, PayloadOf(*record));
  auto [at, added] = statements_.try_emplace(content);
  Statement& statement = at->second;
  if (added) {
    statement.kind = record->body_case();
    statement.content = content;
    if (statement.kind != Kind::kPointList) {
      statement.digest = BodyDigest(*record);
      statement.issuer = IssuerOf(*record);
    }
    statement.record = std::move(record);
    Index(statement);
  }
  const auto where =
      std::lower_bound(statement.places.begin(), statement.places.end(), place, Before);
  if (where != statement.places.end() && !Before(place, *where)) {
    return;
  }
  const bool matters = added || PlaceMatters(statement);
  statement.places.insert(where, std::move(place));
  if (!matters) {
    return;
  }
  if (statement.kind == Kind::kCertificate) {
    Unsettle(*Find(CertificateId::FromChecked(statement.digest.view())));
  } else {
    StatementChanged(statement);
  }
}

bool CertificateChain::PlaceMatters(const Statement& statement) const {
  if (!statement.issuer) {
    return false;
  }
  const Certificate* issuer = Find(*statement.issuer);
  return issuer != nullptr && !issuer->unlimited();
}

void CertificateChain::StreamGrew(const StreamId& stream) {
  for (const CertificateId& id : CertificatesIn(limited_at_, stream)) {
    renotify_.insert(id);
    Unsettle(*Find(id));
  }
}

void CertificateChain::Settle() {
  while (!unsettled_.empty()) {
    const CertificateId id = unsettled_.extract(unsettled_.begin()).value().second;
    Certificate& certificate = certificates_.at(id);
    CertificateStatus status = StatusOf(certificate);
    const bool renotify = renotify_.erase(id) > 0;
    if (status == certificate.status && !renotify) {
      continue;
    }
    IndexLimits(certificate, false);
    certificate.status = std::move(status);
    IndexLimits(certificate, true);
    CertificateChanged(certificate);
  }
}

void CertificateChain::IndexLimits(const Certificate& certificate, bool add) {
  for (const Statement* limit : certificate.status.limits) {
    for (const auto& [stream, point] : limit->points) {
      if (add) {
        limited_at_[stream].insert(certificate.id);
      } else {
        limited_at_[stream].erase(certificate.id);
      }
    }
  }
}

// ---- Indexes

Certificate& CertificateChain::Known(const CertificateId& id) {
  Certificate& certificate = certificates_[id];
  certificate.id = id;
  return certificate;
}

void CertificateChain::Unsettle(const Certificate& certificate) {
  if (certificate.known) {
    unsettled_.insert({certificate.depth(), certificate.id});
  }
}

void CertificateChain::Index(Statement& statement) {
  if (statement.kind == Kind::kRootSet) {
    root_sets_.push_back(&statement);
  } else if (statement.kind == Kind::kCertificate) {
    IndexCertificate(statement);
  } else if (statement.kind == Kind::kPointList) {
    IndexList(statement);
  } else {
    IndexSpoken(statement);
  }
}

void CertificateChain::IndexCertificate(Statement& statement) {
  const auto id = CertificateId::FromChecked(statement.digest.view());
  Certificate& certificate = Known(id);
  certificate.records.push_back(&statement);
  if (certificate.known) {
    return;
  }
  certificate.known = true;
  certificate.body = statement.record->certificate().body();
  certificate.unit = UnitId::From(certificate.body.unit()).value_or(UnitId());
  certificate.key = SignKeyOf(certificate.body);
  certificate.issuer = statement.issuer;
  if (certificate.issuer) {
    Known(*certificate.issuer).issued.insert(id);
  } else {
    root_issued_.insert(id);
  }
  units_[certificate.unit].certificates.insert(id);
  if (const auto person = PersonId::From(certificate.body.person())) {
    of_person_[*person].insert(id);
  }
  if (const auto noise = NoiseKeyOf(certificate.body)) {
    with_noise_key_[*noise].insert(id);
  }
}

void CertificateChain::IndexSpoken(Statement& statement) {
  if (statement.issuer) {
    Known(*statement.issuer).spoken.insert(&statement);
  } else {
    root_spoken_.insert(&statement);
  }
  const pb::Record& record = *statement.record;
  if (statement.kind == Kind::kRevocation) {
    const pb::RevocationBody& body = record.revocation().body();
    IndexMore(ReadDigests(body.more()), statement);
    if (const auto target = CertificateId::From(body.certificate())) {
      Known(*target).revocations.push_back(&statement);
    }
  } else if (statement.kind == Kind::kUnit) {
    const pb::UnitBody& body = record.unit().body();
    const UnitId unit = UnitId::From(body.unit()).value_or(UnitId());
    units_[unit].claims.push_back(&statement);
    if (const auto parent = UnitId::From(body.parent())) {
      units_[*parent].ever_below.insert(unit);
    }
  } else if (statement.kind == Kind::kUnitChange) {
    IndexChange(statement);
  } else if (statement.kind == Kind::kAdoption || statement.kind == Kind::kForkRuling) {
    const Bytes& stream = statement.kind == Kind::kAdoption ? record.adoption().body().stream()
                                                            : record.fork_ruling().body().stream();
    naming_[StreamId::From(stream).value_or(StreamId())].push_back(&statement);
  }
}

void CertificateChain::IndexChange(Statement& statement) {
  const pb::UnitChangeBody& body = statement.record->unit_change().body();
  if (!body.may_finish()) {
    IndexMore(ReadDigests(body.more()), statement);
  }
  const auto parent = UnitId::From(body.parent());
  for (const Bytes& bytes : body.from()) {
    const UnitId unit = UnitId::From(bytes).value_or(UnitId());
    units_[unit].changes.push_back(&statement);
    if (body.kind() == pb::MOVE && parent) {
      units_[*parent].ever_below.insert(unit);
    }
  }
}

void CertificateChain::IndexMore(std::vector<Hash> more, Statement& statement) {
  statement.more = std::move(more);
  for (const Hash& list : statement.more) {
    naming_list_[list].push_back(&statement);
  }
  ReadAllPoints(statement);
}

void CertificateChain::IndexList(const Statement& list) {
  for (Statement* statement : naming_list_[list.content]) {
    ReadAllPoints(*statement);
    // Whom it limits has the same limits as before, which keep more now.
    if (statement->kind == Kind::kRevocation) {
      renotify_.insert(
          CertificateId::FromChecked(statement->record->revocation().body().certificate()));
    } else {
      for (const Bytes& bytes : statement->record->unit_change().body().from()) {
        const auto& limited = OfUnit(UnitId::FromChecked(bytes));
        renotify_.insert(limited.begin(), limited.end());
      }
    }
    StatementChanged(*statement);
  }
}

// Anew whenever one more list is held, so that what stands first does not depend on what came
// first.
void CertificateChain::ReadAllPoints(Statement& statement) {
  const std::map<StreamId, Position> before = std::exchange(statement.points, {});
  ReadPoints(OwnPointsOf(*statement.record), statement.points);
  for (const Statement* list : ListsOf(statement)) {
    ReadPoints(list->record->point_list().points(), statement.points);
  }
  if (statement.kind == Kind::kUnitChange) {
    for (const auto& [stream, point] : statement.points) {
      if (!before.contains(stream)) {
        naming_[stream].push_back(&statement);
      }
    }
  }
}

// ---- What follows from what

void CertificateChain::CertificateChanged(const Certificate& certificate) {
  ++version_;
  touched_.certificates.insert(certificate.id);
  for (const CertificateId& id : certificate.issued) {
    Unsettle(certificates_.at(id));
  }
  for (const Statement* statement : certificate.spoken) {
    StatementChanged(*statement);
  }
}

void CertificateChain::StatementChanged(const Statement& statement) {
  const pb::Record& record = *statement.record;
  if (!statement.issuer) {
    touched_.digests.insert(statement.digest);
  }
  switch (statement.kind) {
    case Kind::kRootSet:
      FindRootSets();
      break;
    case Kind::kRevocation:
      if (const auto target = CertificateId::From(record.revocation().body().certificate())) {
        Unsettle(certificates_.at(*target));
      }
      break;
    case Kind::kUnit:
      UnitChanged(UnitId::From(record.unit().body().unit()).value_or(UnitId()));
      break;
    case Kind::kUnitChange:
      for (const Bytes& unit : record.unit_change().body().from()) {
        UnitChanged(UnitId::From(unit).value_or(UnitId()));
      }
      for (const auto& [stream, point] : statement.points) {
        touched_.streams.insert(stream);
      }
      break;
    case Kind::kAdoption:
      touched_.streams.insert(
          StreamId::From(record.adoption().body().stream()).value_or(StreamId()));
      break;
    case Kind::kForkRuling:
      touched_.streams.insert(
          StreamId::From(record.fork_ruling().body().stream()).value_or(StreamId()));
      break;
    default:
      break;
  }
}

void CertificateChain::UnitChanged(const UnitId& unit) {
  ++version_;
  std::set<UnitId> seen{unit};
  std::vector<UnitId> open{unit};
  while (!open.empty()) {
    const UnitId at = open.back();
    open.pop_back();
    touched_.units.insert(at);
    const Unit& changed = units_[at];
    for (const CertificateId& id : changed.certificates) {
      const Certificate& certificate = certificates_.at(id);
      Unsettle(certificate);
      if (!certificate.revocations.empty()) {
        touched_.digests.insert(Hash::FromChecked(id.view()));
      }
    }
    for (const UnitId& below : changed.ever_below) {
      if (seen.insert(below).second) {
        open.push_back(below);
      }
    }
  }
}

void CertificateChain::FindRootSets() {
  std::vector<const Statement*> holding;
  const Hash first = Hash::FromChecked(network_.view());
  for (bool found = true; found;) {
    const Statement* next = nullptr;
    for (const Statement* candidate : root_sets_) {
      const pb::RootSetBody& body = candidate->record->root_set().body();
      bool follows = candidate->digest == first;
      if (!holding.empty()) {
        const pb::RootSetBody& last = holding.back()->record->root_set().body();
        follows = body.version() == last.version() + 1 &&
                  NextSetDigest(body).view() == last.next() &&
                  SignedByRootSet(network_, last, *candidate->record) &&
                  SignedByRootSet(network_, body, *candidate->record);
      }
      if (follows && (next == nullptr || candidate->digest < next->digest)) {
        next = candidate;
      }
    }
    found = next != nullptr;
    if (found) {
      holding.push_back(next);
    }
  }
  const bool same =
      std::equal(holding.begin(), holding.end(), holding_roots_.begin(), holding_roots_.end(),
                 [](const Statement* a, const Statement* b) { return a->digest == b->digest; });
  if (same) {
    return;
  }
  holding_roots_ = std::move(holding);
  signatures_.clear();
  for (const Statement* root : root_sets_) {
    touched_.digests.insert(root->digest);
  }
  for (const CertificateId& id : root_issued_) {
    Unsettle(certificates_.at(id));
  }
  for (const Statement* statement : root_spoken_) {
    StatementChanged(*statement);
  }
}

// ---- Look-ups

const Certificate* CertificateChain::Find(const CertificateId& id) const {
  const auto found = certificates_.find(id);
  return found == certificates_.end() ? nullptr : &found->second;
}

const CertificateChain::Unit* CertificateChain::FindUnit(const UnitId& unit) const {
  const auto found = units_.find(unit);
  return found == units_.end() ? nullptr : &found->second;
}

const std::set<CertificateId>& CertificateChain::OfUnit(const UnitId& unit) const {
  const Unit* found = FindUnit(unit);
  return found == nullptr ? NoCertificates() : found->certificates;
}

const std::set<CertificateId>& CertificateChain::OfPerson(const PersonId& person) const {
  return CertificatesIn(of_person_, person);
}

const std::set<CertificateId>& CertificateChain::WithNoiseKey(const DhPublicKey& key) const {
  return CertificatesIn(with_noise_key_, key);
}

const std::vector<Statement*>& CertificateChain::ClaimsOn(const UnitId& unit) const {
  const Unit* found = FindUnit(unit);
  return found == nullptr ? None<Statement*>() : found->claims;
}

const std::vector<Statement*>& CertificateChain::ChangesOf(const UnitId& unit) const {
  const Unit* found = FindUnit(unit);
  return found == nullptr ? None<Statement*>() : found->changes;
}

const std::vector<Statement*>& CertificateChain::Naming(const StreamId& stream) const {
  const auto found = naming_.find(stream);
  return found == naming_.end() ? None<Statement*>() : found->second;
}

const Statement* CertificateChain::FindStatement(const Hash& content) const {
  const auto found = statements_.find(content);
  return found == statements_.end() ? nullptr : &found->second;
}

std::vector<const Statement*> CertificateChain::ListsOf(const Statement& statement) const {
  std::vector<const Statement*> lists;
  for (const Hash& content : statement.more) {
    const Statement* list = FindStatement(content);
    if (list != nullptr && list->kind == Kind::kPointList) {
      lists.push_back(list);
    }
  }
  return lists;
}

std::vector<const Statement*> CertificateChain::RootSets() const { return holding_roots_; }

bool CertificateChain::RootSetHolds(const Hash& body_digest) const {
  return std::any_of(holding_roots_.begin(), holding_roots_.end(),
                     [&](const Statement* root) { return root->digest == body_digest; });
}

}  // namespace chibo
