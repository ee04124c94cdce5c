#include <algorithm>

#include "base/planted.h"
#include "domain/certificate_chain.h"
#include "proto/limits.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

// Signature checks remembered; forgotten all at once when there are more.
constexpr std::size_t kSignaturesMax = 1 << 16;

bool EndsUnit(const pb::UnitChangeBody& body, const UnitId& unit) {
  const bool ends = body.kind() == pb::SPLIT || body.kind() == pb::MERGE ||
                    body.kind() == pb::DISSOLVE || body.kind() == pb::DISBAND;
  return ends && std::none_of(body.into().begin(), body.into().end(),
                              [&](const Bytes& into) { return into == unit.view(); });
}

}  // namespace

bool SignedByRootSet(const NetworkId& network, const pb::RootSetBody& root,
                     const pb::Record& record) {
  return root.threshold() > 0 &&
         CountSignaturesBy(network, SignKeysOf(root), record) >= root.threshold();
}

bool CertificateChain::SignedBy(const Certificate& issuer, const pb::Record& record,
                                const Hash& content) const {
  if (!issuer.key) {
    return false;
  }
  if (signatures_.size() > kSignaturesMax) {
    signatures_.clear();
  }
  const auto [known, added] = signatures_.try_emplace({content, *issuer.key}, false);
  if (added) {
    known->second = HasSignatureBy(network_, *issuer.key, record);
  }
  return known->second;
}

bool CertificateChain::SignedByRoot(const pb::Record& record, const Hash& content) const {
  if (holding_roots_.empty()) {
    return false;
  }
  // The zero key stands for the newest set; all is forgotten when another becomes the newest.
  const auto [known, added] = signatures_.try_emplace({content, SignPublicKey()}, false);
  if (added) {
    known->second =
        SignedByRootSet(network_, holding_roots_.back()->record->root_set().body(), record);
  }
  return known->second;
}

std::vector<const Certificate*> CertificateChain::Upwards(const Certificate& certificate) const {
  std::vector<const Certificate*> chain{&certificate};
  while (chain.back()->issuer && chain.size() <= limits::kChainDepthMax) {
    const Certificate* issuer = Find(*chain.back()->issuer);
    if (issuer == nullptr || !issuer->known) {
      break;
    }
    chain.push_back(issuer);
  }
  return chain;
}

// ---- Statements

std::uint32_t CertificateChain::RankOf(const Statement& statement) const {
  if (!statement.issuer) {
    return 0;
  }
  const Certificate* issuer = Find(*statement.issuer);
  return issuer == nullptr ? kAll : issuer->depth();
}

SetAside CertificateChain::SpokenAt(const pb::Record& record, const Hash& content,
                                    const Spot& spot) const {
  const auto issuer_id = IssuerOf(record);
  if (!issuer_id) {
    if (holding_roots_.empty()) {
      return SetAside::kIssuerUnknown;
    }
    return SignedByRoot(record, content) ? SetAside::kCounts : SetAside::kBadSignature;
  }
  const Certificate* issuer = Find(*issuer_id);
  if (issuer == nullptr || issuer->status.verdict == SetAside::kCertificateUnknown) {
    return SetAside::kIssuerUnknown;
  }
  if (!issuer->holds()) {
    return SetAside::kCertificateNotValid;
  }
  if (issuer->body.role() != pb::AUTHORITY) {
    return SetAside::kNotCompetent;
  }
  if (!MaySign(*issuer, record.body_case())) {
    return SetAside::kWrongScope;
  }
  if (CHIBO_PLANT(kIssuerNotChecked, !SignedBy(*issuer, record, content), false)) {
    return SetAside::kBadSignature;
  }
  const Statement* cut = CutBy(*issuer, spot);
  if (cut != nullptr) {
    return cut->kind == Kind::kRevocation ? SetAside::kRevoked : SetAside::kClosed;
  }
  return SetAside::kCounts;
}

bool CertificateChain::MaySign(const Certificate& issuer, Kind kind) const {
  const auto& kinds = issuer.body.kinds();
  return kinds.empty() ||
         std::find(kinds.begin(), kinds.end(), static_cast<std::uint32_t>(kind)) != kinds.end();
}

bool CertificateChain::IsSpoken(const Statement& statement) const {
  return std::any_of(statement.places.begin(), statement.places.end(), [&](const Place& place) {
    return SpokenAt(*statement.record, statement.content, place.spot) == SetAside::kCounts;
  });
}

bool CertificateChain::Heard(const Statement& statement, std::uint32_t depth) const {
  return RankOf(statement) <= depth && IsSpoken(statement);
}

const Statement* CertificateChain::CutBy(const Certificate& certificate, const Spot& spot) const {
  for (const Statement* limit : certificate.status.limits) {
    const auto kept = limit->points.find(spot.stream);
    if (kept == limit->points.end() ||
        CHIBO_PLANT(kRevocationKeepsTail, !branches_.IsBelow(spot, kept->second), false)) {
      return limit;
    }
  }
  return nullptr;
}

// ---- Status

CertificateStatus CertificateChain::StatusOf(const Certificate& certificate) const {
  CertificateStatus status;
  status.verdict = VerdictOf(certificate);
  if (status.verdict == SetAside::kCounts) {
    status.limits = LimitsOf(certificate);
  }
  return status;
}

SetAside CertificateChain::VerdictOf(const Certificate& certificate) const {
  if (!certificate.issuer) {
    if (holding_roots_.empty()) {
      return SetAside::kCertificateUnknown;
    }
    const bool is_signed =
        certificate.depth() == 1 &&
        std::any_of(certificate.records.begin(), certificate.records.end(),
                    [&](const Statement* statement) {
                      return SignedByRoot(*statement->record, statement->content);
                    });
    return is_signed ? SetAside::kCounts : SetAside::kCertificateNotValid;
  }
  const Certificate* issuer = Find(*certificate.issuer);
  if (issuer == nullptr || issuer->status.verdict == SetAside::kCertificateUnknown) {
    return SetAside::kCertificateUnknown;
  }
  if (!issuer->holds() || issuer->body.role() != pb::AUTHORITY ||
      certificate.depth() != issuer->depth() + 1 || certificate.depth() > limits::kChainDepthMax ||
      !MaySign(*issuer, Kind::kCertificate)) {
    return SetAside::kCertificateNotValid;
  }
  const SetAside may = MayCertify(*issuer, certificate);
  if (may != SetAside::kCounts) {
    return may;
  }
  const bool carried =
      std::any_of(certificate.records.begin(), certificate.records.end(),
                  [&](const Statement* statement) { return HasGoodPlace(*issuer, *statement); });
  return carried ? SetAside::kCounts : SetAside::kCertificateNotValid;
}

SetAside CertificateChain::MayCertify(const Certificate& issuer,
                                      const Certificate& certificate) const {
  if (issuer.unit == certificate.unit) {
    // A unit's officer renews its devices; who its people are is said from above.
    return certificate.body.role() == pb::PERSON ? SetAside::kCertificateNotValid
                                                 : SetAside::kCounts;
  }
  const Keeping keeping = KeepingOf(certificate.unit, certificate.depth() - 1);
  if (!keeping.known) {
    return SetAside::kCertificateUnknown;
  }
  const bool kept = std::any_of(keeping.former.begin(), keeping.former.end(),
                                [&](const auto& former) { return former.first == issuer.unit; });
  return kept || keeping.keeper == issuer.unit ? SetAside::kCounts : SetAside::kCertificateNotValid;
}

bool CertificateChain::HasGoodPlace(const Certificate& issuer, const Statement& statement) const {
  if (!SignedBy(issuer, *statement.record, statement.content)) {
    return false;
  }
  // A genesis opens a stream with its certificate, but anybody can write a new genesis: it says
  // nothing about when the issuer, whose key may have been stolen since, signed.
  return std::any_of(statement.places.begin(), statement.places.end(), [&](const Place& place) {
    return issuer.unlimited() || (!place.genesis && CutBy(issuer, place.spot) == nullptr);
  });
}

std::vector<const Statement*> CertificateChain::LimitsOf(const Certificate& certificate) const {
  std::vector<const Statement*> limits;
  if (CHIBO_PLANT(kRevocationIgnored, false, true)) {
    return limits;
  }
  for (const Statement* revocation : certificate.revocations) {
    if (RankOf(*revocation) < certificate.depth() && IsSpoken(*revocation) &&
        IsOver(revocation->issuer, certificate)) {
      limits.push_back(revocation);
    }
  }
  KeepHighest(limits);
  std::vector<const Statement*> changes;
  AddChangeLimits(certificate, changes);
  KeepHighest(changes);
  limits.insert(limits.end(), changes.begin(), changes.end());
  return limits;
}

void CertificateChain::KeepHighest(std::vector<const Statement*>& statements) const {
  std::uint32_t highest = kAll;
  for (const Statement* statement : statements) {
    highest = std::min(highest, RankOf(*statement));
  }
  std::erase_if(statements,
                [&](const Statement* statement) { return RankOf(*statement) != highest; });
  std::sort(statements.begin(), statements.end(),
            [](const Statement* a, const Statement* b) { return a->content < b->content; });
}

void CertificateChain::AddChangeLimits(const Certificate& certificate,
                                       std::vector<const Statement*>& limits) const {
  const std::vector<Statement*>& changes = ChangesOf(certificate.unit);
  const bool any = std::any_of(changes.begin(), changes.end(),
                               [](const Statement* change) { return change->names_points(); });
  if (!any) {
    return;
  }
  // The unit that gave this unit its line of certificates.
  const Certificate* line = nullptr;
  for (const Certificate* above : Upwards(certificate)) {
    if (above->unit != certificate.unit) {
      line = above;
      break;
    }
  }
  const std::uint32_t depth = certificate.depth() - 1;
  const Keeping keeping = KeepingOf(certificate.unit, depth);
  for (const Statement* change : changes) {
    if (!change->names_points() || !ChangeHolds(*change, depth)) {
      continue;
    }
    const bool line_left =
        line != nullptr &&
        std::any_of(keeping.former.begin(), keeping.former.end(), [&](const auto& former) {
          return former.first == line->unit && former.second == change;
        });
    if (line_left || EndsUnit(change->record->unit_change().body(), certificate.unit)) {
      limits.push_back(change);
    }
  }
}

bool CertificateChain::IsOver(const std::optional<CertificateId>& issuer,
                              const Certificate& certificate) const {
  if (!issuer) {
    return true;
  }
  const Certificate* over = Find(*issuer);
  if (over == nullptr || !over->holds() || over->depth() >= certificate.depth()) {
    return false;
  }
  const std::vector<const Certificate*> chain = Upwards(certificate);
  return std::any_of(chain.begin() + 1, chain.end(),
                     [&](const Certificate* above) { return above->unit == over->unit; }) ||
         IsAbove(over->unit, certificate.unit, certificate.depth() - 1);
}

}  // namespace chibo
