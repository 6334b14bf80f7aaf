-- Version 6: who may see and do what, and links to a view for people without an account.

-- A row is one role of a person, in force. service empty: of every service (administrators alone). Whose role was
-- taken away has no row; the audit log says who had it.
CREATE TABLE roles (email VARCHAR, role VARCHAR, service VARCHAR, given_by VARCHAR, given_at TIMESTAMP);

-- A row is one link that was made, ever. What opens it is signed and not kept here; id alone opens nothing.
CREATE TABLE share_links (
    id VARCHAR, service VARCHAR, pages VARCHAR[], made_for VARCHAR, made_by VARCHAR, made_at TIMESTAMP,
    expires_at TIMESTAMP, revoked_by VARCHAR, revoked_at TIMESTAMP
);
