// Intake page: the public pages over HTTP. They need no token, set no cookie, name no other origin
// and are never stored. Everything but the forms is here; IntakeForm takes those.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "service/http/app.hpp"
#include "service/http/request.hpp"
#include "service/http/upload.hpp"
#include "service/intake_page/site.hpp"

namespace tutela::http {

/// Days that public figures of promises are of.
inline constexpr std::int64_t kPromiseDays = 90;

Response get_report_page_form(App& app, const Request& request);
Response get_law_page(App& app, const Request& request);
Response get_research_page(App& app, const Request& request);
Response get_follow_page(App& app, const Request& request);
Response post_follow_page(App& app, const Request& request);
Response post_withdraw_page(App& app, const Request& request);
Response get_help_page(App& app, const Request& request);
Response get_guidance_page(App& app, const Request& request);
Response get_guide_page(App& app, const Request& request);
Response get_promises_page(App& app, const Request& request);
Response get_page_file(App& app, const Request& request);

std::unique_ptr<Upload> upload_report(App& app, Request request, Admission::Slot slot);
std::unique_ptr<Upload> upload_law(App& app, Request request, Admission::Slot slot);
std::unique_ptr<Upload> upload_research(App& app, Request request, Admission::Slot slot);
std::unique_ptr<Upload> upload_addition(App& app, Request request, Admission::Slot slot);

/// Who looks; `asked` is the language that a form names, and `path` where the same page is in
/// another one.
[[nodiscard]] intake_page::Visit visit_of(const App& app,
                                          const Request& request,
                                          std::string_view asked,
                                          std::string_view path);
/// The page, or a problem.
[[nodiscard]] Response page_response(const Result<std::string>& html,
                                     const Request& request,
                                     int status = 200);
/// A problem as a page for people.
[[nodiscard]] Response failure_page(App& app, const Request& request, const Response& problem);

/// What everybody may know of how promises are kept: every queue, but "flood" only where there was
/// one.
Result<std::vector<intake_page::KeptPromise>> kept_promises(App& app);

/// Whom the audit log names for what people do on the pages.
[[nodiscard]] store::Actor page_actor();

}  // namespace tutela::http
