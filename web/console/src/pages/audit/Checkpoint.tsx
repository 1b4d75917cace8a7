// The signed checkpoint: what stands for the whole log, to be kept elsewhere.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api";
import { Fetched, Section, Status, useFormats } from "@/ui";
import { Facts, Mono, Note, Row, Stack, saveText } from "../parts";
import styles from "../parts/parts.module.css";
import { checkpointOf } from "./proof";

function read(note: string) {
  try {
    return checkpointOf(note);
  } catch {
    return undefined;
  }
}

export function Checkpoint() {
  const { t } = useTranslation("audit");
  const formats = useFormats();
  const query = useQuery<string>({
    queryKey: ["audit", "checkpoint"],
    queryFn: ({ signal }) => ask(api.GET("/v1/audit/checkpoint", { parseAs: "text", signal })),
    refetchOnWindowFocus: false,
  });
  return (
    <Section title={t("checkpoint.newest")}>
      <Fetched query={query}>
        {(note) => {
          const known = read(note);
          return (
            <Stack>
              {known ? (
                <Facts
                  rows={[
                    [t("checkpoint.origin"), <Mono key="origin">{known.origin}</Mono>],
                    [t("checkpoint.size"), formats.number(known.size)],
                  ]}
                />
              ) : (
                <Status kind="bad">{t("checkpoint.strange")}</Status>
              )}
              <pre className={styles.pre}>{note}</pre>
              <Row>
                <Button variant="default" onClick={() => saveText("checkpoint", "text/plain", note)}>
                  {t("checkpoint.save")}
                </Button>
              </Row>
              <Note>{t("checkpoint.how")}</Note>
              <pre className={styles.pre}>tutela audit verify --checkpoint checkpoint --key VKEY</pre>
            </Stack>
          );
        }}
      </Fetched>
    </Section>
  );
}
