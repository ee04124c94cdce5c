#include "tools/verify/trust.h"

#include <algorithm>

namespace chibo::verify {
namespace {

constexpr std::uint32_t kDepthMax = 12;

// The only signing key of a certificate.
std::optional<Digest> KeyOf(const pb::CertificateBody& body) {
  const pb::Key* only = nullptr;
  for (const pb::Key& key : body.keys()) {
    if (key.usage() == pb::SIGN) {
      if (only != nullptr) {
        return std::nullopt;
      }
      only = &key;
    }
  }
  return only != nullptr && only->algorithm() == kEd25519 ? Digest::From(only->key())
                                                          : std::nullopt;
}

// What a root set says of the one after it: its threshold and keys alone.
Digest NextDigest(const pb::RootSetBody& body) {
  pb::RootSetBody next;
  next.set_threshold(body.threshold());
  *next.mutable_keys() = body.keys();
  return Sha256({Canonical(next)});
}

bool MaySign(const pb::CertificateBody& issuer, std::uint32_t kind) {
  return issuer.role() == pb::AUTHORITY &&
         (issuer.kinds().empty() ||
          std::find(issuer.kinds().begin(), issuer.kinds().end(), kind) != issuer.kinds().end());
}

bool IsDeviceRole(pb::Role role) {
  return role == pb::SECRETARY || role == pb::DEPUTY || role == pb::SERVER;
}

Digest ContentOf(const Statement& statement) {
  Bytes signatures;
  for (const pb::Sig& sig : statement.parts.signatures) {
    AppendU32(signatures, sig.algorithm());
    signatures.append(sig.key_id()).append(sig.signature());
  }
  Bytes kind;
  AppendVarint(kind, statement.parts.kind);
  return Sha256({kind, statement.parts.digest.view(), signatures});
}

}  // namespace

void Trust::Check() {
  FindRoots();
  CollectCertificates();
  report_.certificates = certificates_.size();
  if (roots_.empty()) {
    // Nothing leads anywhere then: one problem, not one for every signature; and none where it may
    // stand in what could not be read, which has been told.
    return PartsUnread() ? void() : report_.Problem("root_set_missing", {}, network_.hex());
  }
  ReportRoots();
  JudgeCertificates();
  ReportCertificates();
  ReportWriters();
  ReportStatements();
  ReportAttestations();
}

bool Trust::PartsUnread() const {
  return std::any_of(report_.problems.begin(), report_.problems.end(), [](const Finding& problem) {
    return problem.what == "rows_unreadable" || problem.what == "entry_page_damaged";
  });
}

// ---- Root sets

bool Trust::SignedByRoot(const pb::RootSetBody& root, const Statement& statement) const {
  const Bytes message = SignedMessage(network_, statement.parts);
  std::set<Digest> keys;
  for (const pb::Key& key : root.keys()) {
    if (const auto read = Digest::From(key.key()); read && key.usage() == pb::SIGN) {
      keys.insert(*read);
    }
  }
  const auto by = std::count_if(keys.begin(), keys.end(), [&](const Digest& key) {
    return IsSignedBy(key, message, statement.parts.signatures);
  });
  return root.threshold() > 0 && static_cast<std::uint64_t>(by) >= root.threshold();
}

const Statement* Trust::RootAfter(const Statement* last) const {
  const Statement* found = nullptr;
  for (const Statement& statement : gathered_.statements) {
    if (statement.parts.kind != pb::Record::kRootSet) {
      continue;
    }
    const pb::RootSetBody& body = statement.record->root_set().body();
    bool follows = last == nullptr && statement.parts.digest == network_;
    if (last != nullptr) {
      const pb::RootSetBody& before = last->record->root_set().body();
      follows = body.version() == before.version() + 1 &&
                NextDigest(body).view() == before.next() && SignedByRoot(before, statement);
    }
    if (follows && SignedByRoot(body, statement) &&
        (found == nullptr || statement.parts.digest < found->parts.digest)) {
      found = &statement;
    }
  }
  return found;
}

void Trust::FindRoots() {
  for (const Statement* next = RootAfter(nullptr); next != nullptr; next = RootAfter(next)) {
    roots_.push_back(next);
  }
}

void Trust::ReportRoots() {
  std::set<Digest> told;
  for (const Statement& statement : gathered_.statements) {
    if (statement.parts.kind != pb::Record::kRootSet || statement.quiet) {
      continue;
    }
    const bool holds = std::any_of(roots_.begin(), roots_.end(), [&](const Statement* root) {
      return root->parts.digest == statement.parts.digest;
    });
    if (!holds && told.insert(statement.parts.digest).second) {
      report_.Problem("root_set_does_not_follow", statement.place);
    }
  }
}

// ---- Certificates

void Trust::CollectCertificates() {
  for (const Statement& statement : gathered_.statements) {
    if (statement.parts.kind != pb::Record::kCertificate) {
      continue;
    }
    const auto [at, added] = certificates_.try_emplace(statement.parts.digest);
    Certificate& certificate = at->second;
    if (added) {
      certificate.body = statement.record->certificate().body();
      certificate.issuer = statement.parts.issuer;
      certificate.key = KeyOf(certificate.body);
    }
    // The same certificate comes in every genesis of its device.
    const bool known = std::any_of(
        certificate.statements.begin(), certificate.statements.end(), [&](const Statement* other) {
          return other->quiet == statement.quiet && ContentOf(*other) == ContentOf(statement);
        });
    if (!known) {
      certificate.statements.push_back(&statement);
    }
  }
}

void Trust::JudgeCertificates() {
  // An issuer's depth is the smaller one, so by depth every issuer is judged before it is asked.
  std::multimap<std::uint32_t, Certificate*> by_depth;
  for (auto& [id, certificate] : certificates_) {
    by_depth.emplace(certificate.body.depth(), &certificate);
  }
  for (const auto& [depth, certificate] : by_depth) {
    certificate->verdict = JudgeCertificate(*certificate);
  }
}

Trust::Verdict Trust::JudgeCertificate(const Certificate& certificate) const {
  const std::uint32_t depth = certificate.body.depth();
  if (certificate.issuer.empty()) {
    const bool is_signed =
        std::any_of(certificate.statements.begin(), certificate.statements.end(),
                    [&](const Statement* statement) {
                      return SignedByRoot(roots_.back()->record->root_set().body(), *statement);
                    });
    return depth != 1  ? Verdict::kNotEntitled
           : is_signed ? Verdict::kHolds
                       : Verdict::kBadSignature;
  }
  const auto id = Digest::From(certificate.issuer);
  const auto issuer = id ? certificates_.find(*id) : certificates_.end();
  if (issuer == certificates_.end()) {
    return Verdict::kIssuerMissing;
  }
  // A person's key is certified by a superior, never by the person's own unit.
  const bool own_person = certificate.body.role() == pb::PERSON &&
                          issuer->second.body.unit() == certificate.body.unit();
  if (depth > kDepthMax || depth != issuer->second.body.depth() + 1 || own_person) {
    return Verdict::kNotEntitled;
  }
  Verdict verdict = Verdict::kBadSignature;
  for (const Statement* statement : certificate.statements) {
    verdict = JudgeByIssuer(issuer->second, *statement);
    if (verdict == Verdict::kHolds) {
      break;
    }
  }
  return verdict;
}

Trust::Verdict Trust::JudgeByIssuer(const Certificate& issuer, const Statement& statement) const {
  if (issuer.verdict != Verdict::kHolds) {
    return Verdict::kIssuerBad;
  }
  if (!MaySign(issuer.body, statement.parts.kind) || !issuer.key) {
    return Verdict::kNotEntitled;
  }
  return IsSignedBy(*issuer.key, SignedMessage(network_, statement.parts),
                    statement.parts.signatures)
             ? Verdict::kHolds
             : Verdict::kBadSignature;
}

Trust::Verdict Trust::JudgeStatement(const Statement& statement) {
  const auto [at, added] = judged_.try_emplace(ContentOf(statement), Verdict::kIssuerMissing);
  if (!added) {
    return at->second;
  }
  if (statement.parts.issuer.empty()) {
    at->second = SignedByRoot(roots_.back()->record->root_set().body(), statement)
                     ? Verdict::kHolds
                     : Verdict::kBadSignature;
    return at->second;
  }
  const auto id = Digest::From(statement.parts.issuer);
  const auto issuer = id ? certificates_.find(*id) : certificates_.end();
  if (issuer != certificates_.end()) {
    at->second = JudgeByIssuer(issuer->second, statement);
  }
  return at->second;
}

// ---- What is told

void Trust::Report(Verdict verdict, const Statement& statement) {
  const std::string name = ToHex(statement.parts.issuer).substr(0, 16);
  switch (verdict) {
    case Verdict::kHolds:
      return;
    case Verdict::kIssuerBad:
      // The certificate that breaks the chain has been told where it stands.
      return report_.Note("signer_does_not_hold", statement.place, name);
    case Verdict::kIssuerMissing:
      return report_.Note("signer_not_here", statement.place, name);
    case Verdict::kNotEntitled:
      return report_.Problem("signer_not_entitled", statement.place, name);
    case Verdict::kBadSignature:
      return report_.Problem("record_signature_bad", statement.place, name);
  }
}

void Trust::ReportCertificates() {
  for (const auto& [id, certificate] : certificates_) {
    for (const Statement* statement : certificate.statements) {
      if (!statement->quiet) {
        Report(certificate.verdict, *statement);
      }
    }
  }
}

void Trust::ReportWriters() {
  std::set<std::pair<std::string, Digest>> told;
  for (const StreamWriter& writer : gathered_.writers) {
    const auto found = certificates_.find(writer.certificate);
    CHECK(found != certificates_.end());
    const Certificate& certificate = found->second;
    if (!told.emplace(writer.place.stream, writer.certificate).second) {
      continue;
    }
    if (certificate.verdict != Verdict::kHolds) {
      report_.Problem(certificate.verdict == Verdict::kIssuerMissing ? "writer_issuer_missing"
                                                                     : "writer_not_certified",
                      writer.place, writer.certificate.hex().substr(0, 16));
    } else if (certificate.key != writer.device || certificate.body.unit() != writer.unit ||
               !IsDeviceRole(certificate.body.role())) {
      report_.Problem("writer_differs", writer.place, writer.certificate.hex().substr(0, 16));
    }
  }
}

void Trust::ReportStatements() {
  for (const Statement& statement : gathered_.statements) {
    const bool own_check = statement.parts.kind == pb::Record::kRootSet ||
                           statement.parts.kind == pb::Record::kCertificate;
    if (!own_check && !statement.quiet) {
      Report(JudgeStatement(statement), statement);
    }
  }
}

void Trust::ReportAttestations() {
  std::map<Bytes, std::set<Digest>> keys = gathered_.person_keys;
  for (const auto& [id, certificate] : certificates_) {
    if (certificate.body.role() == pb::PERSON && certificate.verdict == Verdict::kHolds &&
        certificate.key) {
      keys[certificate.body.person()].insert(*certificate.key);
    }
  }
  for (const AttestationSeen& seen : gathered_.attestations) {
    const auto known = keys.find(seen.person);
    if (known == keys.end()) {
      report_.Note("attestor_not_here", seen.place, ToHex(seen.person));
    } else if (std::none_of(known->second.begin(), known->second.end(), [&](const Digest& key) {
                 return SignatureHolds(key, seen.message, seen.signature);
               })) {
      report_.Problem("attestation_bad", seen.place, ToHex(seen.person));
    }
  }
}

}  // namespace chibo::verify
