// One entry, read out of its proof: where it stands in the signed log, and how anybody can check it.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router-dom";
import { api, ask } from "@/api";
import { Fetched, Page, Section, Status, Time, useFormats } from "@/ui";
import { Facts, Mono, Row, Stack, Who, saveText, useNames } from "../parts";
import styles from "../parts/parts.module.css";
import { leadsToRoot, readProof, type Proof } from "./proof";
import { Result } from "./Search";

interface Proved {
  text: string;
  proof: Proof | undefined; // undefined: not read
  leads: boolean | undefined; // undefined: this browser cannot follow it
}

async function prove(index: number, signal: AbortSignal): Promise<Proved> {
  const text = await ask(
    api.GET("/v1/audit/entries/{index}/proof", { params: { path: { index } }, parseAs: "text", signal }),
  );
  try {
    const proof = readProof(text);
    // Web Crypto is there over TLS and on one's own machine only.
    const leads = window.isSecureContext ? await leadsToRoot(proof) : undefined;
    return { text, proof, leads: leads === undefined ? undefined : leads && proof.index === index };
  } catch {
    return { text, proof: undefined, leads: false };
  }
}

function Verdict({ leads }: { leads: boolean | undefined }) {
  const { t } = useTranslation("audit");
  if (leads === undefined) {
    return <Status kind="off">{t("proof.cannot")}</Status>;
  }
  return leads ? <Status kind="ok">{t("proof.leads")}</Status> : <Status kind="bad">{t("proof.astray")}</Status>;
}

export function Entry({ nav }: { nav: ReactNode }) {
  const { t } = useTranslation("audit");
  const formats = useFormats();
  const nameOf = useNames();
  const { index = "" } = useParams();
  const query = useQuery<Proved>({
    queryKey: ["audit", "proof", index],
    queryFn: ({ signal }) => prove(Number(index), signal),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  return (
    <Page title={t("entry.title", { index })}>
      {nav}
      <Fetched query={query}>
        {({ text, proof, leads }) => (
          <div className="columns">
            {proof && (
              <Section title={t("entry.what")}>
                <Facts
                  rows={[
                    [t("column.at"), <Time key="at" at={proof.leaf.time} />],
                    [t("column.who"), <Who key="who" whole who={proof.leaf.principal} name={nameOf(proof.leaf.principal)} />],
                    [t("column.role"), proof.leaf.role],
                    [t("column.action"), <Mono key="action">{proof.leaf.action}</Mono>],
                    [t("column.object"), <Mono key="object">{proof.leaf.object}</Mono>],
                    [t("column.purpose"), proof.leaf.purpose],
                    [t("column.result"), <Result key="result" result={proof.leaf.result} />],
                  ]}
                />
              </Section>
            )}
            <Section title={t("proof.title")}>
              <Stack>
                <Verdict leads={leads} />
                {proof && (
                  <Facts
                    rows={[
                      [t("proof.place"), t("proof.of", { index: formats.number(proof.index), size: formats.number(proof.size) })],
                      [t("checkpoint.origin"), <Mono key="origin">{proof.origin}</Mono>],
                      [t("proof.hashes"), formats.number(proof.hashes.length)],
                    ]}
                  />
                )}
                <p>{t("proof.how")}</p>
                <pre className={styles.pre}>{`tutela audit verify --proof entry-${index}.tlog-proof --key VKEY`}</pre>
                <Row>
                  <Button variant="default" onClick={() => saveText(`entry-${index}.tlog-proof`, "text/plain", text)}>
                    {t("proof.save")}
                  </Button>
                </Row>
                <details>
                  <summary>{t("proof.show")}</summary>
                  {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls by keys */}
                  <pre className={styles.pre} tabIndex={0} aria-label={t("proof.title")}>
                    {text}
                  </pre>
                </details>
              </Stack>
            </Section>
          </div>
        )}
      </Fetched>
    </Page>
  );
}
