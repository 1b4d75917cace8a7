// Notices, handed in with a token or taken down by one of ours. What the answer is, and when it is
// given, does not depend on what any file is: nothing was compared yet.
#include <algorithm>
#include <string>
#include <utility>

#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/notice_json.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/intake/intake.hpp"
#include "service/notice_text/notice_text.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::string_view kToken = "token:";

intake::Sender sender_of(partners::Kind kind) {
  switch (kind) {
    case partners::Kind::kAuthority:
      return intake::Sender::kAuthority;
    case partners::Kind::kHotline:
      return intake::Sender::kHotline;
    case partners::Kind::kFlagger:
      return intake::Sender::kFlagger;
    case partners::Kind::kCouncil:
      return intake::Sender::kCouncil;
    case partners::Kind::kResearcher:
      return intake::Sender::kResearcher;
    case partners::Kind::kService:
      return intake::Sender::kService;
  }
  return intake::Sender::kAnyone;
}

/// Who sends, by the token.
Status take_partner(App& app, const Request& request, Submission& of) {
  const store::Actor& actor = request.principal->actor;
  std::optional<partners::Partner> partner;
  if (actor.principal_id.starts_with(kToken)) {
    TUTELA_TRY_ASSIGN(
        partner,
        app.intake->partners().of_token(actor.tenant_id, actor.principal_id.substr(kToken.size())));
  }
  if (partner) {
    if (of.says_sender) {
      return Error{ErrorKind::kInvalidInput,
                   "notice.bad_sender",
                   "this token is a partner's, which says who sends; leave sender out"};
    }
    of.notice.sender = sender_of(partner->details.kind);
    of.notice.partner_id = partner->id;
  } else if (!of.reporter.empty()) {
    of.notice.source = app.intake->notices().source_of(of.reporter);
  }
  return ok();
}

/// They were posted to this API before, by the same caller.
Status check_files(App& app, const Request& request, const std::vector<Uuid>& files) {
  for (const Uuid& id : files) {
    const auto content = app.pipeline.ledger().get(request.principal->actor, id);
    if (!content && content.error().kind != ErrorKind::kNotFound) {
      return content.error();
    }
    if (!content || content->arrival.door != ledger::kIntakeDoor ||
        content->principal_id != request.principal->actor.principal_id) {
      return Error{ErrorKind::kInvalidInput,
                   "notice.unknown_file",
                   "files are ids that POST /v1/notices/files gave"};
    }
  }
  return ok();
}

Status seal_contact(App& app, Submission& of) {
  if (of.contact.empty()) {
    return ok();
  }
  auto sealed = contact::seal(app.review.database, of.contact);
  if (sealed) {
    of.notice.contact = *std::move(sealed);
  }
  return sealed || sealed.error().code == "contact.no_key" ? ok() : Status(sealed.error());
}

Response hand_in(App& app, const Request& request, Result<Submission> of) {
  if (!of) {
    return problem(of.error(), request.id);
  }
  if (const Status sealed = seal_contact(app, *of); !sealed) {
    return problem(sealed.error(), request.id);
  }
  const auto accepted = app.intake->notices().accept(request.principal->actor, of->notice);
  if (!accepted) {
    return problem(accepted.error(), request.id);
  }
  json::object body = {{"id", to_string(accepted->id)},
                       {"number", accepted->number},
                       {"queue", intake::to_string(accepted->queue)},
                       {"due_at", to_rfc3339(accepted->due_ms)},
                       {"contact",
                        accepted->has_contact ? "sealed"
                        : of->contact.empty() ? "none"
                                              : "not_kept"}};
  if (!accepted->pin.empty()) {
    body["pin"] = accepted->pin;
  }
  Response response = json_response(201, body);
  if (accepted->repeated) {
    response.headers.emplace_back("Idempotency-Replayed", "true");
  } else {
    app.intake->wake();
  }
  return response;
}

Result<Submission> submission(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(Submission of, read_submission(request));
  TUTELA_TRY(take_partner(app, request, of));
  TUTELA_TRY(check_files(app, request, of.notice.files));
  return of;
}

/// With what can be joined by: the links that are in the text.
Result<Submission> pasted(const Request& request) {
  TUTELA_TRY_ASSIGN(Submission of, read_paste(request));
  of.notice.body.links = notice_text::find(of.notice.body.text).links;
  return of;
}

}  // namespace

Response post_notice(App& app, const Request& request) {
  return hand_in(app, request, submission(app, request));
}

Response post_notice_paste(App& app, const Request& request) {
  return hand_in(app, request, pasted(request));
}

}  // namespace tutela::http
