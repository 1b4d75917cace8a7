export { api, ask, commandHeader, type Schemas } from "./client";
export { useCommand } from "./command";
export { ApiError, asApiError } from "./problem";
export { useMay, useMe, useSession, type Me } from "./session";
export { useCoverage, useExposure, useNoticeQueues, useOverview, useReportSummary } from "./overview";
