-- Receipts of rows that somebody wrote by plain SQL and that messaging has not read of yet; kept for a day.
CREATE TABLE messaging.early_receipt (
    command  text NOT NULL,
    device   text NOT NULL,
    received timestamptz NOT NULL,
    PRIMARY KEY (command, device)
);
CREATE INDEX early_receipt_received ON messaging.early_receipt (received);
